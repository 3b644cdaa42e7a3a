// What follows a replayError: the eUICC has had a package with this counter, or with a higher one. The eUICC is locked.
import { counterValueAfterReplay } from '../counter.ts';
import { wantInjection } from '../injection/want.ts';
import { newEimTransactionId } from '../euicc-package.ts';
import type { EimOperationRow, EuiccRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { keptResultsPackage } from './contents.ts';
import { changeOperation } from './operation.ts';

/** The next package of an operation that was sent, and whose result may be kept. The eUICC is locked. */
export async function askForKeptResults(
  operation: EimOperationRow,
  euicc: EuiccRow,
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const date = now.toISOString();
  const number = euicc.package_number + 1;
  const transactionId = newEimTransactionId();
  await tables.euiccs.update(euicc.eid, { package_number: number });
  await tables.eimOperations.insertPackage({
    eid: euicc.eid,
    number,
    account_sid: euicc.account_sid,
    operation_sid: operation.sid,
    transaction_id: transactionId.toHex().toUpperCase(),
    counter: null,
    request: keptResultsPackage(euicc, transactionId),
    response: null,
    rsp_transaction_id: null,
    smdp_address: null,
    rsp_session: null,
    state: 'open',
    sent: 1,
    after_seq_number: null,
    date_created: date,
    date_sent: date,
    date_ended: null,
  });
  await wantInjection(euicc, unit);
}

/** Our counter is behind, as after a restore: the same operation again, with a higher one. */
export async function signAgain(
  operation: EimOperationRow,
  euicc: EuiccRow,
  unit: Unit,
): Promise<void> {
  const { tables } = unit;
  const packages = await tables.eimOperations.packagesOf(operation.eid, operation.sid);
  const counters = packages.flatMap(({ counter }) => counter ?? []);
  const counter = counterValueAfterReplay(
    Math.max(euicc.counter, counters[0] ?? 0),
    counters.length - 1,
  );
  await tables.euiccs.update(operation.eid, { counter });
  await changeOperation(operation, { status: 'queued' }, unit);
}
