import type { Flavor } from '../flavor.ts';

/**
 * In which accounts there may be a value that is looked for without its account. Written, and read, only where tables are
 * spread by account: elsewhere an index over all accounts finds it.
 */
export function whereabouts({ text, clustered }: Flavor): string[] {
  return [
    `create table whereabouts (
      kind ${text} not null,
      value ${text} not null,
      holder ${text} not null,
      account_sid ${text} not null,
      date_created ${text} not null,
      primary key (value, kind, holder)
    ) ${clustered}`,
  ];
}
