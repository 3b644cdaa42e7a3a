// How an eSIM Profile and its history are shown on a terminal.
import type { EsimProfileEventRow, EsimProfileRow } from '../store/schema.ts';
import { callbackText } from './callback-url.ts';

export function fieldsOfProfile(row: EsimProfileRow): [name: string, value: string | null][] {
  const failure: [string, string | null][] = [
    ['Error code', row.error_code],
    ['Error message', row.error_message],
  ];
  const links: [string, string | null][] = [
    ['Expires', row.expires_at],
    ['Replaces', row.replaces_sid],
    ['Replaced by', row.replaced_by_sid],
    ['Batch', row.batch_sid],
  ];
  const owned: [string, string | null][] = [
    ['Friendly name', row.friendly_name],
    ['Metadata', row.metadata],
  ];
  return [
    ['SID', row.sid],
    ...owned.filter(([, value]) => value !== null),
    ['Status', row.status],
    ['Account', row.account_sid],
    ['EID', row.eid],
    ['Profile type', row.profile_type],
    ['ICCID', row.iccid],
    ['Sim', row.sim_sid],
    ['SM-DP+', row.smdp_plus_address],
    ['Matching ID', row.matching_id],
    ['Activation code', row.activation_code],
    ...(row.status === 'failed' ? failure : []),
    ...links.filter(([, value]) => value !== null),
    ['Callback', row.callback_off === 1 ? 'none' : callbackText(row)],
    ['Created', row.date_created],
    ['Updated', row.date_updated],
  ];
}

/** `new → reserving` */
export function transitionText({ previous_status, status }: EsimProfileEventRow): string {
  return previous_status === null ? status : `${previous_status} → ${status}`;
}

export function causeText({ cause, detail }: EsimProfileEventRow): string {
  return detail === null ? cause : `${cause}: ${detail}`;
}
