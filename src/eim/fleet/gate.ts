// Which operation an eUICC is to carry out now: not one of a bulk operation that does not go on.
import type { EimOperationRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { parametersOf } from '../operations/operation.ts';

type GateTables = Pick<Transaction, 'eimOperations' | 'bulkOperations'>;

/** It was sent, or is the oldest of those that may be. */
export async function nextAllowed(
  eid: string,
  tables: GateTables,
): Promise<EimOperationRow | undefined> {
  const first = await tables.eimOperations.next(eid);
  if (first === undefined || (await isAllowed(first, tables))) return first;
  for (const operation of await tables.eimOperations.underWay(eid)) {
    if (operation.sid !== first.sid && (await isAllowed(operation, tables))) return operation;
  }
  return undefined;
}

async function isAllowed(
  operation: EimOperationRow,
  { bulkOperations }: GateTables,
): Promise<boolean> {
  const { bulk_sid: sid, account_sid } = operation;
  // What was sent before is sent again.
  if (sid === null || operation.date_sent !== null) return true;
  if (waitsForOrder(operation)) return false;
  const bulk = await bulkOperations.find({ account_sid, sid });
  return bulk?.status === 'running' || (bulk?.status === 'completed' && bulk.step === null);
}

/** A download whose order was placed for it, and is not available yet. */
export const waitsForOrder = (operation: EimOperationRow): boolean =>
  operation.kind === 'download' &&
  operation.bulk_sid !== null &&
  operation.esim_profile_sid !== null &&
  operation.status === 'queued' &&
  parametersOf(operation).activation_code === undefined;

/** Whether it is of a bulk operation that was cancelled, so nothing follows it. */
export async function isOfCancelled(
  { account_sid, bulk_sid: sid }: EimOperationRow,
  { bulkOperations }: GateTables,
): Promise<boolean> {
  if (sid === null) return false;
  return (await bulkOperations.find({ account_sid, sid }))?.status === 'cancelled';
}
