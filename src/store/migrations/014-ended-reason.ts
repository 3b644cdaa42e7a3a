import type { Flavor } from '../flavor.ts';

/**
 * Why the order of a profile ended. Until now the code that the API tells had to say it, and the number of downloads:
 * the rows get what was read from these.
 */
export function endedReason({ text }: Flavor): string[] {
  const errorCode = `(select error_code from esim_profiles
    where esim_profiles.account_sid = subscriptions.account_sid and sid = ordered_by)`;
  return [
    `alter table subscriptions add column ended_reason ${text}`,
    `update subscriptions set ended_reason = case
        when ${errorCode} = '8.8.5/4.10' then 'expired'
        when download_attempts >= 10 then 'downloadAttempts'
        when ${errorCode} = '8.2.7/6.4' then 'confirmationCode'
        when ${errorCode} in ('8.8.5/3.8', '8.2.8/1.2', '8.2.9/3.11', '8.2.10/4.2', '8/4.2') then 'cancelSession'
        when ${errorCode} is not null then 'installation'
      end
      where state = 'Error'`,
  ];
}
