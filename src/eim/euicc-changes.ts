// What changes of an eUICC, and is told.
import { addOperation, commandsOf, ECO_KINDS, PSMO_KINDS } from './operations/operation.ts';
import type { OperationParameters } from './operations/operation.ts';
import type { StateChangeCause } from '../rsp/eim-codes.ts';
import type { EimOperationRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { tellEuicc } from './tell.ts';

type Changes = Partial<Omit<EuiccRow, 'eid' | 'account_sid' | 'sid' | 'date_created'>>;

/** Of an eUICC that this unit has locked. @returns it as it is then */
export async function changeEuicc(row: EuiccRow, changed: Changes, unit: Unit): Promise<EuiccRow> {
  const next = { ...row, ...changed };
  await unit.tables.euiccs.update(row.eid, changed);
  if (next.state !== row.state) await tellEuicc(next, next.state, row.state, null, unit);
  else if (row.date_seen === null && next.date_seen !== null) {
    await tellEuicc(next, next.state, row.state, 'date_seen', unit);
  }
  return next;
}

/** Its profiles are listed, once, unless that is under way. The eUICC is locked. */
export async function askForProfiles(
  euicc: EuiccRow,
  unit: Unit,
  cause?: StateChangeCause,
): Promise<void> {
  await askOnce(
    euicc,
    'listProfileInfo',
    cause === undefined ? {} : { state_change_cause: cause },
    unit,
  );
}

/** What an operation may have changed is listed: its result has come so late that it does not say how it is now. */
export async function listAfter(
  operation: Pick<EimOperationRow, 'kind' | 'parameters'>,
  euicc: EuiccRow,
  unit: Unit,
): Promise<void> {
  const kinds = commandsOf(operation).map(({ kind }) => kind);
  if (kinds.some((kind) => isOneOf(ECO_KINDS, kind))) await askOnce(euicc, 'listEim', {}, unit);
  if (kinds.some((kind) => kind !== 'getRAT' && isOneOf(PSMO_KINDS, kind))) {
    await askForProfiles(euicc, unit);
  }
}

const isOneOf = (kinds: readonly string[], kind: string) => kinds.includes(kind);

async function askOnce(
  euicc: EuiccRow,
  kind: 'listProfileInfo' | 'listEim',
  parameters: OperationParameters,
  unit: Unit,
): Promise<void> {
  const underWay = await unit.tables.eimOperations.underWay(euicc.eid);
  if (underWay.some((operation) => operation.kind === kind)) return;
  await addOperation(euicc, kind, parameters, null, unit);
}
