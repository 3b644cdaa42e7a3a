import type { Flavor } from '../flavor.ts';

/** Below how many subscriptions a profile type runs low, and who is told. */
export function stockThresholds({ text, clustered }: Flavor): string[] {
  return [
    `create table stock_thresholds (
      account_sid ${text} not null,
      profile_type ${text} not null,
      sid ${text} not null,
      threshold integer,
      state ${text} not null check (state in ('sufficient', 'low')),
      callback_url ${text},
      callback_method ${text} not null check (callback_method in ('GET', 'POST')),
      date_created ${text} not null,
      date_updated ${text} not null,
      primary key (account_sid, profile_type)
    ) ${clustered}`,
    `create unique index stock_thresholds_by_sid on stock_thresholds (account_sid, sid)`,
  ];
}
