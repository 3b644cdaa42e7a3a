import type { Flavor } from '../flavor.ts';

/** Who has which master key, and from which one the callback secrets of an account are derived. */
export function masterKeys({ text }: Flavor): string[] {
  return [
    `create table key_holders (
      id ${text} not null primary key,
      process ${text} not null,
      key_ids ${text} not null,
      seals_with ${text} not null,
      date_seen ${text} not null
    )`,
    `alter table accounts add column callback_secret_key ${text}`,
    `alter table accounts add column callback_secret_key_before ${text}`,
  ];
}
