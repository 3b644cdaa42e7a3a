import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/**
 * Batches of orders. Their items are kept in parts, each of which is written as often as a part is ordered, instead of in a row
 * for each item.
 */
export function batches({ name, text, clustered, statistics }: Flavor): string[] {
  return [
    `create table batches (
      account_sid ${text} not null,
      sid ${text} not null,
      status ${text} not null check (status in ('running', 'completed', 'failed', 'cancelled')),
      step ${text} check (step in ('reserve', 'order', 'return')),
      all_or_nothing integer not null check (all_or_nothing in (0, 1)),
      item_count integer not null,
      part_size integer not null,
      next_part integer not null,
      ordered integer not null,
      refused integer not null,
      reserved integer not null,
      same_order ${text},
      placed_by ${text} not null,
      callback_url ${text},
      callback_method ${text} not null check (callback_method in ('GET', 'POST')),
      error_code ${text},
      error_message ${text},
      date_worked ${text} not null,
      date_created ${text} not null,
      date_updated ${text} not null,
      date_completed ${text},
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index batches_running on batches (account_sid, sid) where step is not null`,
    `create index batches_by_turn on batches (date_worked) where step is not null`,
    `create index batches_by_status on batches (account_sid, status, sid)`,

    `create table batch_parts (
      account_sid ${text} not null,
      batch_sid ${text} not null,
      number integer not null,
      first_item integer not null,
      size integer not null,
      orders ${text},
      errors ${text},
      sids ${text},
      iccids ${text},
      primary key (account_sid, batch_sid, number)
    ) ${clustered}`,

    `alter table esim_profiles add column batch_sid ${text}`,
    `create index esim_profiles_by_batch on esim_profiles (account_sid, batch_sid, sid)
      where batch_sid is not null`,
    `create index esim_profiles_by_batch_and_status
      on esim_profiles (account_sid, batch_sid, status, sid) where batch_sid is not null`,

    ...statistics({
      esim_profiles: {
        esim_profiles_by_batch: [1_000_000, 100_000, 1_000, 1],
        esim_profiles_by_batch_and_status: [1_000_000, 100_000, 1_000, 300, 1],
      },
      batches: {
        batches: [10_000, 1_000, 1],
        batches_running: [10, 2, 1],
        batches_by_turn: [10, 1],
        batches_by_status: [10_000, 1_000, 300, 1],
      },
    }),
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
