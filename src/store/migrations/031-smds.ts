import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** Where an order is announced, and what is, or has to be, at each SM-DS. Older orders are announced nowhere. */
export function smds({ name, text, clustered }: Flavor): string[] {
  return [
    `alter table subscriptions add column smds ${text}`,
    // By its event first: what a device presents may be one.
    `create table smds_events (
      event_id ${text} not null,
      eid ${text} not null,
      address ${text} not null,
      account_sid ${text} not null,
      iccid ${text} not null,
      order_number integer not null,
      ordered_by ${text} not null,
      forwards integer not null,
      wanted integer not null,
      state ${text} not null check (state in ('absent', 'registered', 'unknown')),
      attempts integer not null,
      error ${text},
      next_attempt_at ${text},
      locked_until ${text},
      date_created ${text} not null,
      date_updated ${text} not null,
      primary key (event_id, eid, address)
    ) ${clustered}`,
    `create index smds_events_by_profile on smds_events (account_sid, iccid)`,
    `create index smds_events_by_due on smds_events (address, next_attempt_at)
      where next_attempt_at is not null`,
    `create index smds_events_by_age on smds_events (date_updated)
      where wanted = 0 and next_attempt_at is null`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
