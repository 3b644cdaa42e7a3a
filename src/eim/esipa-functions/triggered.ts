// The download that a call of an IPA belongs to: one that was triggered, of the eUICC that takes part in it.
import type { EimContext } from '../eim.ts';
import { SmdpUnavailable } from '../es9plus.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { codesOf, expectedAddresses } from '../operations/download.ts';
import { noteWaiting } from '../operations/note-waiting.ts';
import { endOperation } from '../operations/operation.ts';
import type { ActivationCode } from '../../rsp/activation-code.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatStatusCode } from '../../rsp/status-codes.ts';
import { EsipaRefusal } from './refusal.ts';
import { textOfSession, type RspSession } from './rsp-session.ts';
import type { EimOperationRow, EimPackageRow } from '../../store/schema.ts';

export interface Triggered {
  sent: EimPackageRow;
  operation: EimOperationRow;
  codes: ActivationCode[];
  /** Those that may be called, in lower case; undefined: any, since the eUICC knows which. */
  expected: string[] | undefined;
}

/** @returns undefined unless it is a trigger that is open */
export async function triggeredBy(
  sent: EimPackageRow | undefined,
  { store }: Pick<EimContext, 'store'>,
): Promise<Triggered | undefined> {
  if (sent?.state !== 'open') return undefined;
  const operation = await store.eimOperations.find(sent.eid, sent.operation_sid);
  if (operation?.kind !== 'download' || operation.status !== 'sent') return undefined;
  const expected = expectedAddresses(operation)?.map((address) => address.toLowerCase());
  return { sent, operation, codes: codesOf(operation), expected };
}

/** That of an SM-DP+, if it is not the default one. */
export const codeAt = ({ codes }: Triggered, address: string) =>
  codes.find(({ smdpAddress }) => smdpAddress.toLowerCase() === address.toLowerCase());

/** The SM-DP+ or SM-DS that takes part in it. */
export function smdpOf({ sent, expected }: Triggered): string | undefined {
  return sent.smdp_address ?? expected?.[0];
}

/** Whether somebody we trust has named it: without, whoever knows an EID may have named a server of his own. */
export const isTrusted = (
  triggered: Triggered,
  address: string | undefined,
  { eim: { es9plus } }: Pick<EimContext, 'eim'>,
): boolean =>
  address !== undefined &&
  (es9plus.isNamed(address) ||
    codeAt(triggered, address) !== undefined ||
    triggered.expected?.includes(address.toLowerCase()) === true);

/** The one that an eUICC is carrying out, if it is. */
export async function triggerOf(eid: string, context: EimContext): Promise<Triggered | undefined> {
  const { eimOperations } = context.store;
  const operation = await eimOperations.next(eid);
  if (operation?.status !== 'sent') return undefined;
  return triggeredBy(await eimOperations.newestPackage(eid, operation.sid), context);
}

/** Of one trigger: a server of anybody's may give whatever it calls a profile again and again. */
const MOST_ATTEMPTS = 16;

/** @param smdpAddress in lower case. @param session what is known of it */
export async function noteTransaction(
  { sent }: Triggered,
  transactionId: string,
  smdpAddress: string,
  session: RspSession | undefined,
  { transact }: EimContext,
): Promise<void> {
  await transact(async ({ tables }) => {
    await tables.euiccs.lock(sent.eid);
    const open = await tables.eimOperations.newestPackage(sent.eid, sent.operation_sid);
    if (open?.state !== 'open') return;
    await tables.eimOperations.updatePackage(open, {
      rsp_transaction_id: transactionId,
      smdp_address: smdpAddress,
      rsp_session: session === undefined ? null : textOfSession(session),
    });
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
    if (attempts.length >= MOST_ATTEMPTS) return;
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

/** As long as the operation goes on, it shows why the SM-DP+ has not done what it was asked. Throws what `work` throws. */
export async function notingUnavailable<Result>(
  triggered: Triggered,
  context: Pick<EimContext, 'transact'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SmdpUnavailable)
      await noteWaiting(triggered.operation, error.message, context);
    if (error instanceof FunctionExecutionError) {
      const isOwn = error instanceof EsipaRefusal;
      const message = isOwn ? error.message : refusedBySmdp(error).errorMessage;
      await noteWaiting(triggered.operation, message, context);
    }
    throw error;
  }
}

/** Why a download may then fail at its device. */
export const CONFIRMATION_WANTED =
  'The SM-DP+ wants a confirmation code: ask for the download with ConfirmationCode';

/** As its SM-DP+ says: what is refused by one that nobody we trust has named is tried again. */
export async function failAsTold(
  triggered: Triggered,
  reason: { errorCode: string; errorMessage: string },
  context: EimContext,
): Promise<void> {
  if (isTrusted(triggered, smdpOf(triggered), context)) {
    await failDownload(triggered, reason, context);
  } else await failUnsigned(triggered.sent, reason, undefined, context);
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
    const isUnconfirmed = operation.error_message === CONFIRMATION_WANTED;
    const why = isUnconfirmed ? `${CONFIRMATION_WANTED} (${errorMessage})` : errorMessage;
    await endOperation(operation, { status: 'failed', errorCode, errorMessage: why }, {}, unit);
  });
}

/** The TransactionID (8.10.1) is unknown, or another call is expected: the download can begin again. */
export const isOfSession = ({ subjectCode }: FunctionExecutionError) => subjectCode === '8.10.1';

export const refusedBySmdp = (refusal: FunctionExecutionError) => ({
  errorCode: formatStatusCode(refusal),
  errorMessage: `The SM-DP+ refused: ${refusal.message}`,
});
