import type { Flavor } from '../flavor.ts';

/** From where the CRLs of CAs are fetched. */
export function crlPoints({ text, clustered }: Flavor): string[] {
  return [
    `create table crl_points (
      issuer ${text} not null,
      url ${text} not null,
      kind ${text} not null check (kind in ('ci', 'operatorCa')),
      added_by ${text} not null check (added_by in ('certificate', 'hand')),
      next_fetch_at ${text} not null,
      locked_until ${text},
      failures integer not null,
      error ${text},
      date_failed ${text},
      date_fetched ${text},
      next_update ${text},
      etag ${text},
      last_modified ${text},
      date_created ${text} not null,
      primary key (issuer, url)
    ) ${clustered}`,
  ];
}
