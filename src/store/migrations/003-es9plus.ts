import type { Flavor } from '../flavor.ts';

/**
 * Makes downloads read and write little: the responses of a session are made again when a call is repeated, a binding
 * is part of its subscription, and a version tells whether a package has changed.
 */
export function es9plus({ text }: Flavor): string[] {
  return [
    ...['template', 'package'].flatMap((sealed) => [
      `alter table profile_${sealed}s add column version ${text} not null default ''`,
      // The end of the sealed text, which is unique.
      `update profile_${sealed}s set version = substr(${sealed}, length(${sealed}) - 23)`,
    ]),

    `alter table subscriptions add column euicc_otpk ${text}`,
    `alter table subscriptions add column smdp_otsk ${text}`,
    `update subscriptions set (euicc_otpk, smdp_otsk) =
      (select b.euicc_otpk, b.smdp_otsk from profile_bindings b
        where b.account_sid = subscriptions.account_sid and b.iccid = subscriptions.iccid)
      where (account_sid, iccid) in (select account_sid, iccid from profile_bindings)`,
    `drop table profile_bindings`,

    `alter table rsp_sessions add column bpp_euicc_otpk ${text}`,
    `alter table rsp_sessions add column smdp_sign ${text}`,
    `update rsp_sessions set smdp_sign = '' where bind_response is not null`,
    `alter table rsp_sessions drop column authenticate_response`,
    `alter table rsp_sessions drop column bind_response`,
  ];
}
