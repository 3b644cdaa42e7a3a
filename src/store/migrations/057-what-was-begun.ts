import type { Flavor } from '../flavor.ts';

/** What a registration has not finished, and how far an eUICC had counted when a package left. See decision 80. */
export function whatWasBegun({ text }: Flavor): string[] {
  return [
    `alter table euiccs add column orders_due ${text}`,
    `alter table euiccs add column installation_seq_number bigint`,
    `create index euiccs_by_orders_due on euiccs (orders_due) where orders_due is not null`,
    `alter table eim_packages add column after_seq_number bigint`,
  ];
}
