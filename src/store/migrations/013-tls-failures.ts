import type { Flavor } from '../flavor.ts';

/** TLS handshakes that failed on ES9+, counted by reason: what devices that never got through told us. */
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
