// How long the rows of each table are kept: a rule for each that grows by itself, a reason for the others.
import type { Tables } from '../store/schema.ts';
import {
  EIM_NOTIFICATION_KEPT_MS,
  EIM_OPERATION_KEPT_MS,
  EUICC_CONTACT_KEPT_MS,
  IDEMPOTENCY_KEY_LIFETIME_MS,
  INSTALL_LINK_KEPT_MS,
  OUTBOX_LIFETIME_MS,
  REPORT_LIFETIME_MS,
  SMDS_EVENT_KEPT_MS,
} from './retention.ts';

export interface Retention {
  /** For people: when rows are deleted; or why they are not. */
  rule: string;
  /** Whether rows are deleted in time, without anybody asking for it. */
  ends: boolean;
  /** What tells its age: a date with an index of its own, or SIDs behind the account. Undefined: nothing that is found quickly. */
  oldest?: { date: string } | { sid: string };
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const days = (ms: number) => (ms === DAY_MS ? 'a day' : `${ms / DAY_MS} days`);

const bySid = { sid: 'sid' };
const OF_ORDER = 'kept: as long as its eSIM Profile';
const SETUP = 'kept: as many as you have made';

/** @param logRetentionDays of the RSP log; undefined: forever */
export function retentionOf({
  logRetentionDays,
  auditRetentionDays,
}: {
  logRetentionDays: number | undefined;
  auditRetentionDays: number;
}): Record<keyof Tables, Retention> {
  const log =
    logRetentionDays === undefined
      ? { rule: 'kept: set SIMWRIGHT_LOG_RETENTION_DAYS', ends: false }
      : { rule: `${logRetentionDays} days (SIMWRIGHT_LOG_RETENTION_DAYS)`, ends: true };
  return {
    accounts: { rule: SETUP, ends: false },
    audit_checkpoints: { rule: 'kept: one', ends: true },
    audit_entries: {
      rule: `${auditRetentionDays} days (SIMWRIGHT_AUDIT_RETENTION_DAYS)`,
      ends: true,
      oldest: bySid,
    },
    audit_seals: { rule: 'as long as the entries that it seals', ends: true },
    api_keys: { rule: SETUP, ends: false },
    batch_parts: {
      rule: 'kept: as long as its batch; orders in it until they are placed',
      ends: false,
    },
    batches: { rule: 'kept: which orders belong together', ends: false, oldest: bySid },
    bulk_operations: {
      rule: `${days(EIM_OPERATION_KEPT_MS)} after it has ended, with its operations`,
      ends: true,
      oldest: bySid,
    },
    bulk_parts: { rule: 'as long as its bulk operation', ends: true },
    brands: { rule: 'kept: one for each account', ends: false },
    callback_attempts: { rule: 'as long as its callback', ends: true },
    callbacks: {
      rule: `${days(OUTBOX_LIFETIME_MS)} after it was delivered or given up`,
      ends: true,
      oldest: bySid,
    },
    console_sessions: {
      rule: 'until it expires',
      ends: true,
      oldest: { date: 'date_created' },
    },
    console_tickets: { rule: 'until it expires', ends: true, oldest: { date: 'date_created' } },
    crl_points: { rule: 'as long as its CA is trusted', ends: true },
    eim_injections: { rule: 'until nothing waits for the IPA of its eUICC', ends: true },
    eim_keys: { rule: SETUP, ends: false },
    eim_marks: { rule: 'kept: one for each account', ends: false },
    eim_notifications: {
      rule: `until its SM-DP+ has taken it, for ${days(EIM_NOTIFICATION_KEPT_MS)} at most`,
      ends: true,
      oldest: { date: 'date_created' },
    },
    eim_operations: {
      rule: `${days(EIM_OPERATION_KEPT_MS)} after it has ended, or as long as its bulk operation`,
      ends: true,
      oldest: { date: 'date_ended' },
    },
    euicc_contacts: {
      rule: `${EUICC_CONTACT_KEPT_MS / 3_600_000} hours, unless its eUICC proves who it is`,
      ends: true,
    },
    euicc_ranges: { rule: SETUP, ends: false },
    eim_packages: { rule: 'as long as its operation', ends: true },
    es2plus_calls: { rule: 'until its task has ended', ends: true },
    es2plus_reports: {
      rule: days(REPORT_LIFETIME_MS),
      ends: true,
      oldest: { date: 'date_created' },
    },
    es2plus_tasks: { rule: 'until it has ended', ends: true },
    esim_profile_events: {
      rule: 'kept: the history of its eSIM Profile, and what statistics are counted from',
      ends: false,
      oldest: bySid,
    },
    esim_profile_metadata: { rule: OF_ORDER, ends: false },
    esim_profiles: { rule: 'kept: the orders', ends: false, oldest: bySid },
    euicc_events: { rule: days(EIM_OPERATION_KEPT_MS), ends: true, oldest: bySid },
    euicc_groups: { rule: SETUP, ends: false },
    euiccs: { rule: SETUP, ends: false },
    idempotency_keys: {
      rule: days(IDEMPOTENCY_KEY_LIFETIME_MS),
      ends: true,
      oldest: { date: 'date_created' },
    },
    key_holders: { rule: 'a day after the process was last seen', ends: true },
    install_links: {
      rule: `${days(INSTALL_LINK_KEPT_MS)} after it has expired`,
      ends: true,
      oldest: { date: 'date_expires' },
    },
    operator_cas: { rule: SETUP, ends: false },
    operator_certificates: { rule: 'kept: who ordered with it', ends: false },
    operators: { rule: SETUP, ends: false },
    pki_certificates: { rule: SETUP, ends: false },
    pki_crls: { rule: 'until a newer one is imported', ends: true },
    profile_packages: { rule: 'kept: as long as its subscription', ends: false },
    profile_templates: { rule: SETUP, ends: false },
    progress_attempts: { rule: 'as long as its report', ends: true },
    progress_reports: {
      rule: `${days(OUTBOX_LIFETIME_MS)} after it was delivered or given up`,
      ends: true,
      oldest: bySid,
    },
    rsp_log: { ...log, oldest: { date: 'date_created' } },
    rsp_notifications: {
      rule: 'kept: by it, a notification that comes again has no effect (§3.5)',
      ends: false,
    },
    rsp_sessions: {
      rule: `as long as its log (${log.rule}), and 30 days for one that has delivered a package`,
      ends: log.ends,
    },
    settings: { rule: 'kept: a few', ends: false },
    sims: { rule: OF_ORDER, ends: false, oldest: bySid },
    smds_events: {
      rule: `${days(SMDS_EVENT_KEPT_MS)} after it was deleted at the SM-DS`,
      ends: true,
    },
    statistics_counts: {
      rule: 'hours: 31 days; days: kept, one row for each thing that is counted',
      ends: true,
    },
    statistics_marks: { rule: 'kept: one for each account', ends: false },
    stock_thresholds: { rule: SETUP, ends: false },
    subscriptions: { rule: 'kept: the stock, and what became of it', ends: false },
    tls_failures: {
      rule: 'kept: one for each reason, and forgotten when it has not recurred',
      ends: true,
      oldest: { date: 'date_first' },
    },
    whereabouts: { rule: 'kept: on Citus, one for each value that is looked for', ends: false },
  };
}
