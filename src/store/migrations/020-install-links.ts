import type { Flavor } from '../flavor.ts';

/**
 * Links to install pages, found by the hash of their token; and how the pages of an account look. The index by token is not
 * unique, because 256 random bits are, and an engine that spreads the table by account could not enforce it.
 */
export function installLinks({ text, bytes, clustered }: Flavor): string[] {
  return [
    `create table install_links (
      account_sid ${text} not null,
      esim_profile_sid ${text} not null,
      sid ${text} not null,
      token_hash ${text} not null,
      date_created ${text} not null,
      date_expires ${text} not null,
      date_revoked ${text},
      primary key (account_sid, esim_profile_sid, sid)
    ) ${clustered}`,
    `create index install_links_by_token on install_links (token_hash)`,
    `create index install_links_by_expiry on install_links (date_expires)`,
    `create table brands (
      account_sid ${text} not null primary key,
      name ${text},
      accent_color ${text},
      support_text ${text},
      support_url ${text},
      logo ${bytes},
      logo_type ${text},
      date_updated ${text} not null
    )`,
  ];
}
