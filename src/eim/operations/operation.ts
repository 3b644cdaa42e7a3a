// Operations on an eUICC: what can be asked for, and how one is made and ended.
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDateOf } from '../../values/date.ts';

/** The commands of SGP.32 by their names, a download, and what an IPA tells of its device. */
export const OPERATION_KINDS = [
  'download',
  'euiccData',
  'enable',
  'disable',
  'delete',
  'listProfileInfo',
  'setFallbackAttribute',
  'unsetFallbackAttribute',
  'setDefaultDpAddress',
  'addEim',
  'deleteEim',
  'updateEim',
  'listEim',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const OF_ICCID: readonly string[] = ['enable', 'disable', 'delete', 'setFallbackAttribute'];

export interface OperationParameters {
  /** Of the commands about a profile. */
  iccid?: string;
  /** Of enable: whether the device goes back to the profile before if this one has no connectivity. */
  rollback?: boolean;
  /** Of setDefaultDpAddress. */
  address?: string;
  /** Of download: without `LPA:`. */
  activation_code?: string;
  /** Of download without an activation code: from the default SM-DP+ of the eUICC, or by an SM-DS. */
  contact_default_smdp?: boolean;
  contact_smds?: boolean;
  /** The SM-DS; without it, the root SM-DS that the eUICC knows. */
  smds_address?: string;
  /** Of download: the activation code of what waited at the SM-DS. */
  event_code?: string;
  /** Of download: whether the profile is then enabled. */
  enable?: boolean;
  /** Of addEim: EimConfigurationData, DER in base64. */
  configuration?: string;
  /** Of addEim and deleteEim. */
  eim_id?: string;
  /** Of updateEim: the number of the key that is to be trusted. */
  key?: number;
}

export const parametersOf = ({ parameters }: Pick<EimOperationRow, 'parameters'>) =>
  JSON.parse(parameters) as OperationParameters;

/** At most so many wait for one eUICC. */
export const MOST_WAITING = 50;

/** Of an operation whose result has not come. */
export const NO_RESULT = 'noResult';

export async function addOperation(
  { eid, account_sid, sid: euicc_sid }: Pick<EuiccRow, 'eid' | 'account_sid' | 'sid'>,
  kind: OperationKind,
  parameters: OperationParameters,
  esimProfileSid: string | null,
  { tables, sids, now }: Unit,
): Promise<EimOperationRow> {
  const date = now.toISOString();
  const row: EimOperationRow = {
    eid,
    sid: sids.next('eimOperation', now),
    account_sid,
    euicc_sid,
    kind,
    parameters: JSON.stringify(parameters),
    status: 'queued',
    esim_profile_sid: esimProfileSid,
    result: null,
    error_code: null,
    error_message: null,
    confirmation_code: null,
    date_created: date,
    date_updated: date,
    date_sent: null,
    date_ended: null,
  };
  await tables.eimOperations.insert(row);
  return row;
}

export interface Ending {
  status: 'completed' | 'failed' | 'cancelled';
  result?: object | undefined;
  errorCode?: string;
  errorMessage?: string;
}

/** Of an eUICC that this unit has locked; its open package ends with it. */
export async function endOperation(
  row: EimOperationRow,
  { status, result, errorCode, errorMessage }: Ending,
  { response, isDead = false }: { response?: Uint8Array; isDead?: boolean },
  { tables, now }: Unit,
): Promise<void> {
  const date = now.toISOString();
  await tables.eimOperations.update(row, {
    status,
    result: result === undefined ? null : JSON.stringify(result),
    error_code: errorCode ?? null,
    error_message: errorMessage ?? null,
    confirmation_code: null,
    date_updated: date,
    date_ended: date,
  });
  const open = await tables.eimOperations.newestPackage(row.eid, row.sid);
  if (open?.state !== 'open') return;
  await tables.eimOperations.updatePackage(open, {
    state: isDead ? 'dead' : 'resolved',
    ...(response === undefined ? {} : { response }),
    date_ended: date,
  });
}

/** Cancels one that was not sent. @returns false if it was sent, or has ended */
export async function cancelOperation(
  row: EimOperationRow,
  errorMessage: string,
  unit: Unit,
): Promise<boolean> {
  if (row.status !== 'queued') return false;
  await endOperation(row, { status: 'cancelled', errorCode: 'cancelled', errorMessage }, {}, unit);
  return true;
}

/** As the API writes it. */
export function renderOperation(row: EimOperationRow, publicUrl: string): string {
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    euicc_sid: row.euicc_sid,
    eid: row.eid,
    kind: row.kind,
    parameters: parametersOf(row),
    status: row.status,
    esim_profile_sid: row.esim_profile_sid,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error_code: row.error_code,
    error_message: row.error_message,
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    date_sent: apiDateOf(row.date_sent),
    date_ended: apiDateOf(row.date_ended),
    url: `${publicUrl}/v1/Euiccs/${row.euicc_sid}/Operations/${row.sid}`,
  });
}
