import type { Flavor } from '../flavor.ts';

/** The first schema. Keys of tenant tables begin with `account_sid`, so the tables can be partitioned by it. */
export function init({ text, clustered, statistics }: Flavor): string[] {
  return [
    `create table settings (
      name ${text} primary key,
      value ${text} not null
    )`,
    `create table accounts (
      sid ${text} primary key,
      friendly_name ${text} not null,
      auth_token ${text} not null,
      date_created ${text} not null
    )`,
    `create table api_keys (
      account_sid ${text} not null,
      sid ${text} not null,
      friendly_name ${text} not null,
      secret_hash ${text} not null,
      scope ${text} not null check (scope in ('full', 'read')),
      date_created ${text} not null,
      date_revoked ${text},
      primary key (account_sid, sid)
    )`,
    `create index api_keys_by_sid on api_keys (sid)`,

    `create table esim_profiles (
      account_sid ${text} not null,
      sid ${text} not null,
      status ${text} not null
        check (status in ('new', 'reserving', 'available', 'downloaded', 'installed', 'failed')),
      iccid ${text},
      sim_sid ${text},
      eid ${text},
      smdp_plus_address ${text},
      matching_id ${text},
      activation_code ${text},
      error_code ${text},
      error_message ${text},
      generate_matching_id integer not null check (generate_matching_id in (0, 1)),
      profile_type ${text},
      callback_url ${text},
      callback_method ${text} not null check (callback_method in ('GET', 'POST')),
      date_created ${text} not null,
      date_updated ${text} not null,
      resource ${text} not null,
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index esim_profiles_by_status on esim_profiles (account_sid, status, sid)`,
    `create index esim_profiles_by_eid on esim_profiles (account_sid, eid, sid)
      where eid is not null`,
    `create index esim_profiles_by_eid_and_status on esim_profiles (account_sid, eid, status, sid)
      where eid is not null`,
    `create index esim_profiles_by_sim_sid on esim_profiles (account_sid, sim_sid, sid)
      where sim_sid is not null`,
    `create index esim_profiles_to_reserve on esim_profiles (sid)
      where status in ('new', 'reserving')`,

    `create table esim_profile_events (
      account_sid ${text} not null,
      esim_profile_sid ${text} not null,
      sid ${text} not null,
      type ${text} not null,
      status ${text} not null,
      previous_status ${text},
      cause ${text} not null,
      detail ${text},
      date_created ${text} not null,
      primary key (account_sid, esim_profile_sid, sid)
    ) ${clustered}`,

    `create table sims (
      account_sid ${text} not null,
      sid ${text} not null,
      iccid ${text} not null,
      unique_name ${text},
      status ${text} not null
        check (status in ('new', 'ready', 'active', 'inactive', 'scheduled')),
      scheduled_status ${text},
      fleet_sid ${text},
      callback_url ${text},
      callback_method ${text} not null check (callback_method in ('GET', 'POST')),
      date_created ${text} not null,
      date_updated ${text} not null,
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create unique index sims_by_iccid on sims (account_sid, iccid)`,
    `create unique index sims_by_unique_name on sims (account_sid, unique_name)
      where unique_name is not null`,
    `create index sims_by_status on sims (account_sid, status, sid)`,
    `create index sims_by_fleet on sims (account_sid, fleet_sid, sid) where fleet_sid is not null`,
    `create index sims_scheduled on sims (sid) where status = 'scheduled'`,

    `create table subscriptions (
      account_sid ${text} not null,
      iccid ${text} not null,
      imsi ${text} not null,
      msisdn ${text},
      profile_type ${text} not null,
      state ${text} not null
        check (state in ('Available', 'Allocated', 'Linked', 'Confirmed', 'Released',
                         'Downloaded', 'Installed', 'Error', 'Unavailable')),
      eid ${text},
      matching_id ${text},
      ordered_by ${text},
      secrets ${text} not null,
      date_created ${text} not null,
      date_updated ${text} not null,
      primary key (account_sid, iccid)
    ) ${clustered}`,
    `create index subscriptions_in_stock on subscriptions (account_sid, iccid)
      where state = 'Available'`,
    `create index subscriptions_in_stock_by_type on subscriptions (account_sid, profile_type, iccid)
      where state = 'Available'`,
    `create unique index subscriptions_by_order on subscriptions (account_sid, ordered_by)
      where ordered_by is not null`,

    `create table callbacks (
      account_sid ${text} not null,
      sid ${text} not null,
      resource_sid ${text} not null,
      receiver ${text} not null,
      url ${text} not null,
      method ${text} not null check (method in ('GET', 'POST')),
      parameters ${text} not null,
      state ${text} not null check (state in ('pending', 'delivered', 'failed')),
      attempts integer not null,
      next_attempt_at ${text} not null,
      locked_until ${text},
      date_created ${text} not null,
      date_settled ${text},
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index callbacks_due on callbacks (receiver, next_attempt_at) where state = 'pending'`,
    `create index callbacks_settled on callbacks (date_settled) where state <> 'pending'`,
    `create index callbacks_by_resource on callbacks (account_sid, resource_sid, sid)`,

    `create table callback_attempts (
      account_sid ${text} not null,
      callback_sid ${text} not null,
      attempt integer not null,
      date_started ${text} not null,
      duration_ms integer not null,
      status_code integer,
      error ${text},
      response ${text},
      primary key (account_sid, callback_sid, attempt)
    ) ${clustered}`,

    `create table idempotency_keys (
      account_sid ${text} not null,
      idempotency_key ${text} not null,
      fingerprint ${text} not null,
      request_id ${text} not null,
      locked_until ${text} not null,
      response_status integer,
      response_body ${text},
      date_created ${text} not null,
      primary key (account_sid, idempotency_key)
    )`,
    `create index idempotency_keys_by_age on idempotency_keys (date_created)`,

    ...statistics({
      esim_profiles: {
        esim_profiles: [1_000_000, 100_000, 1],
        esim_profiles_by_status: [1_000_000, 100_000, 1_000, 1],
        esim_profiles_by_eid: [1_000_000, 100_000, 20, 1],
        esim_profiles_by_eid_and_status: [1_000_000, 100_000, 20, 10, 1],
        esim_profiles_by_sim_sid: [1_000_000, 100_000, 1, 1],
        esim_profiles_to_reserve: [100, 1],
      },
      sims: {
        sims: [1_000_000, 100_000, 1],
        sims_by_iccid: [1_000_000, 100_000, 1],
        sims_by_unique_name: [1_000_000, 100_000, 1],
        sims_by_status: [1_000_000, 100_000, 1_000, 1],
        sims_by_fleet: [1_000_000, 100_000, 1_000, 1],
        sims_scheduled: [100, 1],
      },
      subscriptions: {
        subscriptions: [1_000_000, 100_000, 1],
        subscriptions_in_stock: [10_000, 1_000, 1],
        subscriptions_in_stock_by_type: [10_000, 1_000, 100, 1],
        subscriptions_by_order: [1_000_000, 100_000, 1],
      },
      callbacks: {
        callbacks: [1_000_000, 100_000, 1],
        callbacks_due: [100, 10, 1],
        callbacks_settled: [1_000_000, 1],
        callbacks_by_resource: [1_000_000, 100_000, 4, 1],
      },
    }),
  ];
}
