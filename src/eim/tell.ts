// What happens to eUICCs, and to operations on them, is told in the transaction in which it happens: in the feed of the account, and
// by callbacks, which leave in the order of the eUICC.
import type { CallbackAddress, CallbackParameters } from '../outgoing/enqueue-callback.ts';
import { enqueueCallback } from '../outgoing/enqueue-callback.ts';
import type { EimOperationRow, EuiccEventRow, EuiccRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import type { Unit } from '../unit.ts';
import { apiDate, apiDateOf } from '../values/date.ts';

type Changed = EuiccEventRow['changed'];

/**
 * @param previous its status before; null: it is new
 * @param changed what has, if not the status
 * @param euicc if it was read
 */
export async function tellOperation(
  row: EimOperationRow,
  previous: EimOperationRow['status'] | null,
  changed: Changed,
  unit: Unit,
  euicc?: EuiccRow,
): Promise<void> {
  const { account_sid, euicc_sid, eid, kind, status, error_code } = row;
  await insertEvent(
    {
      account_sid,
      euicc_sid,
      eid,
      operation_sid: row.sid,
      status,
      previous_status: previous,
      changed,
      kind,
      error_code,
    },
    unit,
  );
  const address = await addressOf(row, euicc, unit.tables);
  if (address === undefined) return;
  const parameters = operationParameters(row, previous, changed, unit);
  await enqueueCallback(
    address,
    { account_sid, resource_sid: euicc_sid, parameters, request_id: null },
    unit,
  );
}

/** As `tellOperation`. @param status that it has now */
export async function tellEuicc(
  row: EuiccRow,
  status: EuiccRow['state'] | 'removed',
  previous: EuiccRow['state'] | null,
  changed: Changed,
  unit: Unit,
): Promise<void> {
  const { account_sid, sid, eid } = row;
  await insertEvent(
    {
      account_sid,
      euicc_sid: sid,
      eid,
      operation_sid: null,
      status,
      previous_status: previous,
      changed,
      kind: null,
      error_code: null,
    },
    unit,
  );
  const address = await addressOfEuicc(row, unit.tables);
  if (address === undefined) return;
  const parameters = euiccParameters(row, status, previous, changed, unit);
  await enqueueCallback(
    address,
    { account_sid, resource_sid: sid, parameters, request_id: null },
    unit,
  );
}

async function insertEvent(
  event: Omit<EuiccEventRow, 'sid' | 'date_created'>,
  { tables, sids, now }: Unit,
): Promise<void> {
  // Made when written, because listeners look for new events among the newest SIDs.
  const sid = sids.next('event', tables.now());
  await tables.euiccEvents.insert({ ...event, sid, date_created: now.toISOString() });
}

async function addressOf(
  row: EimOperationRow,
  known: EuiccRow | undefined,
  tables: Transaction,
): Promise<CallbackAddress | undefined> {
  if (row.callback_url !== null) return { url: row.callback_url, method: row.callback_method };
  if (row.callback_off === 1) return undefined;
  const euicc = known ?? (await tables.euiccs.find(row.eid));
  return euicc === undefined ? undefined : addressOfEuicc(euicc, tables);
}

/** Its own, or that of the account, if it wants to be called about eUICCs. */
async function addressOfEuicc(
  row: EuiccRow,
  tables: Transaction,
): Promise<CallbackAddress | undefined> {
  if (row.callback_url !== null) return { url: row.callback_url, method: row.callback_method };
  return row.callback_off === 1 ? undefined : addressOfAccount(row.account_sid, tables);
}

/** Of each transaction, which may be about thousands of eUICCs of one account. */
const ofAccounts = new WeakMap<Transaction, Map<string, Promise<CallbackAddress | undefined>>>();

function addressOfAccount(sid: string, tables: Transaction): Promise<CallbackAddress | undefined> {
  const known = ofAccounts.get(tables) ?? new Map<string, Promise<CallbackAddress | undefined>>();
  ofAccounts.set(tables, known);
  const found = known.get(sid) ?? readAddress(sid, tables);
  known.set(sid, found);
  return found;
}

async function readAddress(
  sid: string,
  { accounts }: Transaction,
): Promise<CallbackAddress | undefined> {
  const account = await accounts.find(sid);
  if (account === undefined || account.euicc_callbacks === 0 || account.callback_url === null) {
    return undefined;
  }
  return { url: account.callback_url, method: account.callback_method };
}

const CHANGED = { date_seen: 'DateSeen', attempt: 'Attempt' } as const;

function operationParameters(
  row: EimOperationRow,
  previous: string | null,
  changed: Changed,
  { now }: Unit,
): CallbackParameters {
  const { iccid } = JSON.parse(row.parameters) as { iccid?: string };
  const { iccid: installed } = JSON.parse(row.result ?? '{}') as { iccid?: string | null };
  return given([
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['EuiccSid', row.euicc_sid],
    ['Eid', row.eid],
    ['OperationSid', row.sid],
    ['Kind', row.kind],
    ['Status', row.status],
    ['PreviousStatus', previous],
    ['Changed', changed && CHANGED[changed]],
    ['ESimProfileSid', row.esim_profile_sid],
    ['Iccid', iccid ?? installed ?? null],
    ['ErrorCode', row.error_code],
    ['ErrorMessage', row.error_message],
    ['DateUpdated', apiDate(now)],
  ]);
}

function euiccParameters(
  row: EuiccRow,
  status: string,
  previous: string | null,
  changed: Changed,
  { now }: Unit,
): CallbackParameters {
  return given([
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['EuiccSid', row.sid],
    ['Eid', row.eid],
    ['Status', status],
    ['PreviousStatus', previous],
    ['Changed', changed && CHANGED[changed]],
    ['FriendlyName', row.friendly_name],
    ['DateUpdated', apiDate(now)],
  ]);
}

const given = (pairs: [name: string, value: string | null][]): CallbackParameters =>
  pairs.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));

/** As the API writes it. */
export function renderEuiccEvent(row: EuiccEventRow): string {
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    euicc_sid: row.euicc_sid,
    eid: row.eid,
    operation_sid: row.operation_sid,
    kind: row.kind,
    status: row.status,
    previous_status: row.previous_status,
    changed: row.changed,
    error_code: row.error_code,
    date_created: apiDateOf(row.date_created),
  });
}
