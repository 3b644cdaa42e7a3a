// Operations on an eUICC: what can be asked for, and how one is made, goes on and ends.
import { wantInjection } from '../injection/want.ts';
import type { StateChangeCause } from '../../rsp/eim-codes.ts';
import { tellOperation } from '../tell.ts';
import { shownChoice } from '../../outgoing/shown-url.ts';
import type { EimOperationRow, EuiccEventRow, EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDateOf } from '../../values/date.ts';

/** Commands of SGP.32 about profiles, by their names (SGP.32 §2.11.1.1.3). */
export const PSMO_KINDS = [
  'enable',
  'disable',
  'delete',
  'listProfileInfo',
  'getRAT',
  'configureImmediateEnable',
  'setFallbackAttribute',
  'unsetFallbackAttribute',
  'setDefaultDpAddress',
] as const;
/** Those about eIMs (SGP.32 §2.11.1.1.2). */
export const ECO_KINDS = ['addEim', 'deleteEim', 'updateEim', 'listEim'] as const;
/** What the IPA does: a download, and to tell of its device. */
const IPA_KINDS = ['download', 'euiccData'] as const;

export type CommandKind = (typeof PSMO_KINDS)[number] | (typeof ECO_KINDS)[number];
/** The commands, several of them in one eUICC package, and what the IPA does. */
export const OPERATION_KINDS = [...IPA_KINDS, ...PSMO_KINDS, ...ECO_KINDS, 'package'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const OPERATION_STATUSES = ['queued', 'sent', 'completed', 'failed', 'cancelled'] as const;

export const OF_ICCID: readonly string[] = ['enable', 'disable', 'delete', 'setFallbackAttribute'];

export interface OperationParameters {
  /** Of the commands about a profile. */
  iccid?: string;
  /** Of enable: whether the device goes back to the profile before if this one has no connectivity. */
  rollback?: boolean;
  /** Of setDefaultDpAddress, and of configureImmediateEnable: from which SM-DP+ alone. */
  address?: string;
  /** Of configureImmediateEnable: whether a profile may be enabled right after its installation. */
  immediate_enable?: boolean;
  /** Of configureImmediateEnable: from the SM-DP+ with this OID alone. */
  smdp_oid?: string;
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
  /** Of listProfileInfo that the device itself has led to: why, by the name that SGP.32 gives it. */
  state_change_cause?: StateChangeCause;
  /** Of package. */
  commands?: Command[];
}

export type Command = { kind: CommandKind } & Omit<OperationParameters, 'commands'>;

export const parametersOf = ({ parameters }: Pick<EimOperationRow, 'parameters'>) =>
  JSON.parse(parameters) as OperationParameters;

/** Of the eUICC package that an operation is: in the order in which the eUICC executes them. */
export function commandsOf(row: Pick<EimOperationRow, 'kind' | 'parameters'>): Command[] {
  const { commands, ...parameters } = parametersOf(row);
  return commands ?? [{ kind: row.kind as CommandKind, ...parameters }];
}

/** At most so many wait for one eUICC. */
export const MOST_WAITING = 50;

/** Of an operation whose result has not come. */
export const NO_RESULT = 'noResult';

/** Of one that was sent: whether its result still counts. */
export const isAwaited = (row: Pick<EimOperationRow, 'date_ended' | 'error_code'>): boolean =>
  row.date_ended === null || row.error_code === NO_RESULT;

/** Where callbacks about it go. */
export type CallbackColumns = Pick<
  EimOperationRow,
  'callback_url' | 'callback_method' | 'callback_off'
>;
const AS_ITS_EUICC: CallbackColumns = {
  callback_url: null,
  callback_method: 'POST',
  callback_off: 0,
};

interface Reached {
  status: EimOperationRow['status'];
  date: string;
  error_code?: string;
}

export async function addOperation(
  euicc: EuiccRow,
  kind: OperationKind,
  parameters: OperationParameters,
  esimProfileSid: string | null,
  unit: Unit,
  {
    callback = AS_ITS_EUICC,
    bulkSid = null,
  }: { callback?: CallbackColumns | undefined; bulkSid?: string | null } = {},
): Promise<EimOperationRow> {
  const { eid, account_sid, sid: euicc_sid } = euicc;
  const { tables, sids, now } = unit;
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
    bulk_sid: bulkSid,
    result: null,
    error_code: null,
    error_message: null,
    ...callback,
    history: JSON.stringify([{ status: 'queued', date }] satisfies Reached[]),
    failures: 0,
    date_failed: null,
    date_due: null,
    confirmation_code: null,
    date_created: date,
    date_updated: date,
    date_sent: null,
    date_ended: null,
  };
  await tables.eimOperations.insert(row);
  await tellOperation(row, null, null, unit, euicc);
  await wantInjection(euicc, unit);
  return row;
}

/**
 * Of an eUICC that this unit has locked: what has become of an operation is stored, kept in its history, and told.
 * @param what has changed, if not the status
 */
export async function changeOperation(
  row: EimOperationRow,
  changed: Partial<Omit<EimOperationRow, 'eid' | 'sid' | 'account_sid' | 'date_created'>>,
  unit: Unit,
  what: EuiccEventRow['changed'] = null,
): Promise<void> {
  const date = unit.now.toISOString();
  const next: EimOperationRow = { ...row, ...changed, date_updated: date };
  const reached: Reached = {
    status: next.status,
    date,
    ...(next.error_code === null ? {} : { error_code: next.error_code }),
  };
  const history = JSON.stringify([...historyOf(row), reached]);
  await unit.tables.eimOperations.update(row, { ...changed, history, date_updated: date });
  const euicc = await unit.tables.euiccs.find(row.eid);
  await tellOperation(next, row.status, what, unit, euicc);
  // It can be handed out, or the next one can.
  if (euicc !== undefined && next.status !== 'sent') await wantInjection(euicc, unit);
}

const historyOf = ({ history }: Pick<EimOperationRow, 'history'>) =>
  history === null ? [] : (JSON.parse(history) as Reached[]);

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
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const date = now.toISOString();
  const changed = {
    status,
    result: result === undefined ? null : JSON.stringify(result),
    error_code: errorCode ?? null,
    error_message: errorMessage ?? null,
    confirmation_code: null,
    date_due: null,
    date_ended: date,
  };
  await changeOperation(row, changed, unit);
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
    bulk_sid: row.bulk_sid,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error_code: row.error_code,
    error_message: row.error_message,
    failed_attempts: row.failures,
    history: historyOf(row).map((reached) => ({ ...reached, date: apiDateOf(reached.date) })),
    callback_url: shownChoice(row),
    callback_method: row.callback_method,
    date_created: apiDateOf(row.date_created),
    date_updated: apiDateOf(row.date_updated),
    date_sent: apiDateOf(row.date_sent),
    date_due: apiDateOf(row.date_due),
    date_ended: apiDateOf(row.date_ended),
    url: `${publicUrl}/v1/Euiccs/${row.euicc_sid}/Operations/${row.sid}`,
  });
}
