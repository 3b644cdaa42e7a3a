import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** The last field of each rendered resource; in a text, its quotes would be escaped. */
const LAST = ',"url":"/v1/ESimProfiles/';

/**
 * Friendly names and metadata of eSIM Profiles, and the profile type of all that have a subscription. Resources show the
 * type from now on.
 */
export function labels({ name, text, clustered, statistics }: Flavor): string[] {
  const jsonOf = (value: string) =>
    name === 'sqlite' ? `json_quote(${value})` : `to_json(${value})::text`;
  const withType = (type: string) =>
    `replace(resource, '${LAST}', ',"profile_type":' || ${jsonOf(type)} || '${LAST}')`;
  return [
    `alter table esim_profiles add column profile_type_learned integer not null default 0`,
    `alter table esim_profiles add column friendly_name ${text}`,
    `alter table esim_profiles add column friendly_name_folded ${text}`,
    `alter table esim_profiles add column metadata ${text}`,

    `update esim_profiles set resource = ${withType('profile_type')}
      where profile_type is not null`,
    `update esim_profiles
      set profile_type = s.profile_type, profile_type_learned = 1,
        resource = ${withType('s.profile_type')}
      from subscriptions as s
      where esim_profiles.profile_type is null
        and s.account_sid = esim_profiles.account_sid and s.iccid = esim_profiles.iccid`,

    `create index esim_profiles_by_profile_type on esim_profiles (account_sid, profile_type, sid)
      where profile_type is not null`,
    `create index esim_profiles_by_friendly_name
      on esim_profiles (account_sid, friendly_name_folded, friendly_name, sid)
      where friendly_name_folded is not null`,
    `create table esim_profile_metadata (
      account_sid ${text} not null,
      name ${text} not null,
      value ${text} not null,
      sid ${text} not null,
      primary key (account_sid, name, value, sid)
    ) ${clustered}`,

    ...statistics({
      esim_profiles: {
        esim_profiles_by_profile_type: [1_000_000, 100_000, 10_000, 1],
        esim_profiles_by_friendly_name: [1_000_000, 100_000, 1_000, 1_000, 1],
      },
      esim_profile_metadata: { esim_profile_metadata: [1_000_000, 100_000, 10_000, 1_000, 1] },
    }),
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
