// Renders eSIM Profiles and their related records, Sims and API keys as JSON for clients.
import { scopeOf } from './account/scope.ts';
import type {
  ApiKeyRow,
  AttemptRow,
  CallbackAttemptRow,
  CallbackRow,
  EsimProfileEventRow,
  EsimProfileRow,
  SimRow,
} from '../store/schema.ts';
import { shownCallbackUrl } from './callback-url.ts';
import { parseMetadata } from './owner-fields.ts';
import { apiDate } from '../values/date.ts';
import { isSid } from '../values/sid.ts';

/**
 * The fields of an eSIM Profile in the order of the documented examples, with its URL relative to the base. Ours are there
 * only if they have a value.
 */
export function renderEsimProfile(
  row: Omit<EsimProfileRow, 'resource' | 'friendly_name_folded'>,
): string {
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    iccid: row.iccid,
    sim_sid: row.sim_sid,
    status: row.status,
    eid: row.eid,
    smdp_plus_address: row.smdp_plus_address,
    matching_id: row.matching_id,
    activation_code: row.activation_code,
    error_code: row.error_code,
    error_message: row.error_message,
    date_created: row.date_created,
    date_updated: row.date_updated,
    expires_at: row.expires_at ?? undefined,
    replaces_sid: row.replaces_sid ?? undefined,
    replaced_by_sid: row.replaced_by_sid ?? undefined,
    profile_type: row.profile_type ?? undefined,
    friendly_name: row.friendly_name ?? undefined,
    metadata: row.metadata === null ? undefined : parseMetadata(row.metadata),
    batch_sid: row.batch_sid ?? undefined,
    url: `/v1/ESimProfiles/${row.sid}`,
  });
}

export function renderEsimProfileEvent(row: EsimProfileEventRow): string {
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: row.esim_profile_sid,
    type: row.type,
    status: row.status,
    previous_status: row.previous_status,
    cause: row.cause,
    detail: row.detail,
    date_created: row.date_created,
  });
}

export function renderSim(row: SimRow, publicUrl: string): string {
  const url = `${publicUrl}/v1/Sims/${row.sid}`;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    unique_name: row.unique_name,
    status: row.status,
    fleet_sid: row.fleet_sid,
    iccid: row.iccid,
    date_created: row.date_created,
    date_updated: row.date_updated,
    url,
    links: {
      billing_periods: `${url}/BillingPeriods`,
      sim_ip_addresses: `${url}/IpAddresses`,
    },
  });
}

export function renderCallback(
  row: CallbackRow,
  attempts: CallbackAttemptRow[],
  publicUrl: string,
): string {
  const { resource_sid: resource } = row;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: isSid('esimProfile', resource) ? resource : null,
    sim_sid: isSid('sim', resource) ? resource : null,
    batch_sid: isSid('batch', resource) ? resource : undefined,
    euicc_sid: isSid('euicc', resource) ? resource : undefined,
    bulk_operation_sid: isSid('bulkOperation', resource) ? resource : undefined,
    stock_threshold_sid: isSid('stockThreshold', resource) ? resource : undefined,
    callback_url: shownCallbackUrl(row.url),
    callback_method: row.method,
    parameters: Object.fromEntries(JSON.parse(row.parameters) as [name: string, value: string][]),
    state: row.state,
    attempts: attempts.map(renderAttempt),
    next_attempt_at: row.state === 'pending' ? toApiDate(row.next_attempt_at) : null,
    date_created: toApiDate(row.date_created),
    date_settled: row.date_settled === null ? null : toApiDate(row.date_settled),
    url: `${publicUrl}/v1/Callbacks/${row.sid}`,
  });
}

/** An attempt to send a callback, or a report to an operator. */
export function renderAttempt(row: AttemptRow) {
  return {
    attempt: row.attempt,
    date_started: toApiDate(row.date_started),
    duration_ms: row.duration_ms,
    status_code: row.status_code,
    error: row.error,
    response: row.response,
  };
}

/** An API key without its secret. */
export function renderKey(row: ApiKeyRow, publicUrl: string) {
  return {
    sid: row.sid,
    account_sid: row.account_sid,
    friendly_name: row.friendly_name,
    scope: scopeOf(row),
    date_created: toApiDate(row.date_created),
    date_revoked: row.date_revoked === null ? null : toApiDate(row.date_revoked),
    url: `${publicUrl}/v1/Keys/${row.sid}`,
  };
}

/** For dates stored with milliseconds. */
export function toApiDate(date: string): string {
  return apiDate(new Date(date));
}

/** A rendered eSIM Profile ends with its URL, which always has the same length. */
const TAIL = `/v1/ESimProfiles/HP${'0'.repeat(32)}"}`.length;

/** Inserts the base before the URL of a rendered eSIM Profile. */
export function withBaseUrl(esimProfile: string, publicUrl: string): string {
  return esimProfile.slice(0, -TAIL) + publicUrl + esimProfile.slice(-TAIL);
}
