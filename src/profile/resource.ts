// The JSON that a client sees of an eSIM Profile, an event or a Sim.
import { reasons, subjects } from '../rsp/rsp-error.ts';
import type { EsimProfileEventRow, EsimProfileRow, RspLogRow, SimRow } from '../store/schema.ts';
import { describeLogged } from './logged-message.ts';

/** The fields of an eSIM Profile in the order of the documented examples, its URL without the base. */
export function renderEsimProfile(row: Omit<EsimProfileRow, 'resource'>): string {
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

/** A call of ES9+ about a profile: outcome, subject and reason also in words. */
export function renderRspLogEntry(row: RspLogRow): string {
  const { subject_code: subjectCode, reason_code: reasonCode } = row;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: row.esim_profile_sid,
    function: row.function,
    transaction_id: row.transaction_id,
    eid: row.eid,
    tac: row.tac,
    imei: row.imei,
    lpa: row.lpa,
    address: row.address,
    duration_ms: row.duration_ms,
    status: row.status,
    subject_code: subjectCode,
    subject: subjectCode === null ? null : inWords(subjects, subjectCode),
    reason_code: reasonCode,
    reason: reasonCode === null ? null : inWords(reasons, reasonCode),
    message: row.message,
    request: describeLogged(row.request),
    response: row.response === null ? null : describeLogged(row.response),
    date_created: row.date_created,
  });
}

function inWords(words: Readonly<Partial<Record<string, string>>>, code: string): string | null {
  return words[code] ?? null;
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

/** A rendered eSIM Profile ends with its URL, which is as long in all of them. */
const TAIL = `/v1/ESimProfiles/HP${'0'.repeat(32)}"}`.length;

/** Puts the base before the URL of a rendered eSIM Profile. */
export function withBaseUrl(esimProfile: string, publicUrl: string): string {
  return esimProfile.slice(0, -TAIL) + publicUrl + esimProfile.slice(-TAIL);
}
