import type { Flavor } from '../flavor.ts';

/**
 * A session is now stored only once its eUICC is authenticated, so columns needed only before that are gone. A CI may
 * have several CRLs, which are parts of its list.
 */
export function sessions({ text }: Flavor): string[] {
  return [
    `delete from rsp_sessions where step = 'initiated'`,
    ...['server_challenge', 'smdp_address', 'log'].map(
      (column) => `alter table rsp_sessions drop column ${column}`,
    ),

    `create table pki_crls_in_parts (
      ci_pk_id ${text} not null,
      scope ${text} not null,
      crl ${text} not null,
      date_created ${text} not null,
      primary key (ci_pk_id, scope)
    )`,
    // Until now, any CRL was taken for the whole list.
    `insert into pki_crls_in_parts (ci_pk_id, scope, crl, date_created)
      select ci_pk_id, '', crl, date_created from pki_crls`,
    `drop table pki_crls`,
    `alter table pki_crls_in_parts rename to pki_crls`,
  ];
}
