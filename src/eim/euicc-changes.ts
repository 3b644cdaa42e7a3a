// What changes of an eUICC, and is told.
import { addOperation } from './operations/operation.ts';
import type { StateChangeCause } from '../rsp/eim-codes.ts';
import type { EuiccRow } from '../store/schema.ts';
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

/** What is on it is listed, once, unless that is under way. The eUICC is locked. */
export async function askForProfiles(
  euicc: EuiccRow,
  unit: Unit,
  cause?: StateChangeCause,
): Promise<void> {
  const underWay = await unit.tables.eimOperations.underWay(euicc.eid);
  if (underWay.some(({ kind }) => kind === 'listProfileInfo')) return;
  const parameters = cause === undefined ? {} : { state_change_cause: cause };
  await addOperation(euicc, 'listProfileInfo', parameters, null, unit);
}
