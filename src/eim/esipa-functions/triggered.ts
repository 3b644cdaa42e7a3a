// The download that a call of an IPA belongs to: one that was triggered, of the eUICC that takes part in it.
import type { EimContext } from '../eim.ts';
import { endOperation, parametersOf } from '../operations/operation.ts';
import { parseActivationCode } from '../../rsp/activation-code.ts';
import type { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatStatusCode } from '../../rsp/status-codes.ts';
import type { EimOperationRow, EimPackageRow } from '../../store/schema.ts';

export interface Triggered {
  sent: EimPackageRow;
  operation: EimOperationRow;
  smdpAddress: string;
  matchingId: string;
}

/** @returns undefined unless it is a trigger that is open */
export async function triggeredBy(
  sent: EimPackageRow | undefined,
  { store }: Pick<EimContext, 'store'>,
): Promise<Triggered | undefined> {
  if (sent?.state !== 'open') return undefined;
  const operation = await store.eimOperations.find(sent.eid, sent.operation_sid);
  if (operation?.kind !== 'download' || operation.status !== 'sent') return undefined;
  const code = parseActivationCode(parametersOf(operation).activation_code ?? '');
  if (code === undefined) return undefined;
  return { sent, operation, smdpAddress: code.smdpAddress, matchingId: code.matchingId };
}

/** The one that an eUICC is carrying out, if it is. */
export async function triggerOf(eid: string, context: EimContext): Promise<Triggered | undefined> {
  const { eimOperations } = context.store;
  const operation = await eimOperations.next(eid);
  if (operation?.status !== 'sent') return undefined;
  return triggeredBy(await eimOperations.newestPackage(eid, operation.sid), context);
}

export async function noteTransaction(
  { sent }: Triggered,
  transactionId: string,
  { transact }: EimContext,
): Promise<void> {
  await transact(async ({ tables }) => {
    await tables.euiccs.lock(sent.eid);
    const open = await tables.eimOperations.newestPackage(sent.eid, sent.operation_sid);
    if (open?.state !== 'open') return;
    await tables.eimOperations.updatePackage(open, { rsp_transaction_id: transactionId });
  });
}

/**
 * The profile leaves, so the eUICC may install it and tell so late, after the device has begun again: the package keeps its
 * transaction, and the trigger goes on as a new one.
 */
export async function keepAttempt(
  { sent }: Triggered,
  transactionId: string,
  { transact }: EimContext,
): Promise<void> {
  await transact(async ({ tables, now }) => {
    const { eimOperations } = tables;
    const euicc = await tables.euiccs.lock(sent.eid);
    const open = await eimOperations.newestPackage(sent.eid, sent.operation_sid);
    const [, ...attempts] = await eimOperations.packagesOf(sent.eid, sent.operation_sid);
    const isKept = attempts.some(({ rsp_transaction_id: kept }) => kept === transactionId);
    if (euicc === undefined || open?.state !== 'open' || isKept) return;
    const number = euicc.package_number + 1;
    await tables.euiccs.update(sent.eid, { package_number: number });
    await eimOperations.updatePackage(open, {
      rsp_transaction_id: transactionId,
      state: 'dead',
      date_ended: now.toISOString(),
    });
    await eimOperations.insertPackage({ ...open, number, rsp_transaction_id: transactionId });
  });
}

/** What was refused, or broken off by the device, is not tried again by itself. */
export async function failDownload(
  { sent }: Triggered,
  { errorCode, errorMessage }: { errorCode: string; errorMessage: string },
  { transact }: EimContext,
): Promise<void> {
  await transact(async (unit) => {
    const { tables } = unit;
    await tables.euiccs.lock(sent.eid);
    const operation = await tables.eimOperations.find(sent.eid, sent.operation_sid);
    if (operation?.status !== 'sent') return;
    await endOperation(operation, { status: 'failed', errorCode, errorMessage }, {}, unit);
  });
}

/** The TransactionID (8.10.1) is unknown, or another call is expected: the download can begin again. */
export const isOfSession = ({ subjectCode }: FunctionExecutionError) => subjectCode === '8.10.1';

export const refusedBySmdp = (refusal: FunctionExecutionError) => ({
  errorCode: formatStatusCode(refusal),
  errorMessage: `The SM-DP+ refused: ${refusal.message}`,
});
