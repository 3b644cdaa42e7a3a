import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/**
 * Operators that order over ES2+, their certificates, and the CAs that may issue those. Profiles that are there were ordered
 * through the API, or not at all.
 */
export function operators({ name, text }: Flavor): string[] {
  return [
    `create table operators (
      sid ${text} not null primary key,
      account_sid ${text} not null,
      friendly_name ${text} not null,
      requester_identifier ${text},
      progress_url ${text},
      progress_ca ${text},
      date_created ${text} not null,
      date_updated ${text} not null,
      date_revoked ${text}
    )`,
    `create table operator_certificates (
      fingerprint ${text} not null primary key,
      operator_sid ${text} not null,
      certificate ${text} not null,
      date_created ${text} not null,
      date_ends ${text}
    )`,
    `create table operator_cas (
      fingerprint ${text} not null primary key,
      certificate ${text} not null,
      private_key ${text},
      crl ${text},
      date_created ${text} not null
    )`,
    `alter table subscriptions add column operator_sid ${text}`,
    `alter table subscriptions add column requests ${text}`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
