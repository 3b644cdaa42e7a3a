import type { Flavor } from '../flavor.ts';

/** Failed TLS handshakes on ES9+, counted by reason. */
export function tlsFailures({ text }: Flavor): string[] {
  return [
    `create table tls_failures (
      reason ${text} primary key,
      failures bigint not null,
      address ${text} not null,
      date_first ${text} not null,
      date_last ${text} not null
    )`,
  ];
}
