import type { Flavor } from '../flavor.ts';

/** What the SM-DP+ needs to deliver profiles: its PKI, profile packages, RSP sessions and their log. */
export function smdp({ text, clustered }: Flavor): string[] {
  return [
    `create table pki_certificates (
      fingerprint ${text} primary key,
      role ${text} not null check (role in ('ci', 'eum', 'dpAuth', 'dpPb', 'dpTls')),
      ci_pk_id ${text} not null,
      certificate ${text} not null,
      private_key ${text},
      generated integer not null check (generated in (0, 1)),
      date_created ${text} not null
    )`,
    `create table pki_crls (
      ci_pk_id ${text} primary key,
      crl ${text} not null,
      date_created ${text} not null
    )`,

    `create table profile_templates (
      account_sid ${text} not null,
      profile_type ${text} not null,
      template ${text} not null,
      metadata ${text} not null,
      date_created ${text} not null,
      primary key (account_sid, profile_type)
    )`,
    `create table profile_packages (
      account_sid ${text} not null,
      iccid ${text} not null,
      package ${text} not null,
      date_created ${text} not null,
      primary key (account_sid, iccid)
    )`,

    `alter table esim_profiles add column confirmation_code ${text}`,
    `alter table subscriptions add column confirmation_code ${text}`,
    `alter table subscriptions add column confirmation_code_attempts integer not null default 0`,
    `alter table subscriptions add column download_attempts integer not null default 0`,
    `create index subscriptions_by_matching_id on subscriptions (matching_id)
      where matching_id is not null and matching_id <> ''`,
    `create index subscriptions_by_eid on subscriptions (eid) where eid is not null`,

    `create table profile_bindings (
      account_sid ${text} not null,
      iccid ${text} not null,
      eid ${text} not null,
      euicc_otpk ${text} not null,
      smdp_otsk ${text} not null,
      date_created ${text} not null,
      primary key (account_sid, iccid)
    )`,

    `create table rsp_sessions (
      transaction_id ${text} primary key,
      step ${text} not null check (step in ('initiated', 'authenticated', 'bound', 'ended')),
      server_challenge ${text} not null,
      smdp_address ${text} not null,
      euicc_ci_pk_id ${text} not null,
      dp_ci_pk_id ${text} not null,
      account_sid ${text},
      iccid ${text},
      eid ${text},
      euicc_certificate ${text},
      confirmation_required integer not null check (confirmation_required in (0, 1)),
      smdp_signature2 ${text},
      authenticate_digest ${text},
      authenticate_response ${text},
      bind_digest ${text},
      bind_response ${text},
      log ${text} not null,
      date_created ${text} not null,
      date_expires ${text} not null
    ) ${clustered}`,
    `create index rsp_sessions_by_expiry on rsp_sessions (date_expires)`,

    `create table rsp_notifications (
      eid ${text} not null,
      digest ${text} not null,
      account_sid ${text} not null,
      iccid ${text} not null,
      sequence_number bigint not null,
      event ${text} not null,
      date_created ${text} not null,
      primary key (eid, digest)
    ) ${clustered}`,

    `create table rsp_log (
      account_sid ${text} not null,
      esim_profile_sid ${text} not null,
      sid ${text} not null,
      function ${text} not null,
      transaction_id ${text},
      eid ${text},
      tac ${text},
      imei ${text},
      lpa ${text},
      address ${text},
      duration_ms integer not null,
      status ${text} not null,
      subject_code ${text},
      reason_code ${text},
      message ${text},
      request ${text} not null,
      response ${text},
      date_created ${text} not null,
      primary key (account_sid, esim_profile_sid, sid)
    ) ${clustered}`,
    `create index esim_profiles_by_iccid on esim_profiles (account_sid, iccid)
      where iccid is not null`,
  ];
}
