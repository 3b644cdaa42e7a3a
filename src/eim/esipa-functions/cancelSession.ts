// SGP.32 §6.3.2.5 ESipa.CancelSession, relayed: the device has broken off the download.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { callEs9Plus } from '../es9plus.ts';
import { euiccOf } from '../euicc-record.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { fullCancelSessionResponse } from './full-messages.ts';
import { failAsTold, failDownload, notingUnavailable, smdpOf, triggeredBy } from './triggered.ts';
import type { CancelSessionResponseEsipa } from '../../rsp/definitions/compact.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatTransactionId } from '../../rsp/identifiers.ts';
import { cancelSessionReasons, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';

/** @param transactionId upper-case hex. Throws `FunctionExecutionError`, `SmdpUnavailable`. */
export async function cancelSession(
  transactionId: string,
  given: Encoded<CancelSessionResponseEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<void> {
  const sent = await context.store.eimOperations.packageOfBegun(transactionId);
  const triggered = await triggeredBy(sent, context);
  if (triggered === undefined) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'No download has this transactionId');
  }
  const { compactCancelSessionResponseOk: compact } = given.value;
  const { value, der } =
    compact === undefined
      ? given
      : await fullCancelSessionResponse(compact, { triggered, transactionId, context });
  const { cancelSessionResponseOk: ok } = value;
  const members = { transactionId, cancelSessionResponse: der.toBase64() };
  await notingUnavailable(triggered, context, () =>
    callEs9Plus(context.eim.es9plus, 'cancelSession', smdpOf(triggered)!, members, caller),
  );
  const reason = ok?.euiccCancelSessionSigned.value.reason;
  const errorCode =
    reason === undefined ? 'undefinedError' : (nameOf(cancelSessionReasons, reason) ?? `${reason}`);
  const errorMessage = `The device has broken off the download: ${errorCode}`;
  // The SM-DP+ has verified the signature of what says so, unless it is an error.
  const { eid } = triggered.sent;
  if (ok === undefined) {
    await failUnsigned(triggered.sent, { errorCode, errorMessage }, undefined, context);
  } else if (await isOfEuicc(ok, eid, transactionId, context)) {
    await failDownload(triggered, { errorCode, errorMessage }, context);
  } else await failAsTold(triggered, { errorCode, errorMessage }, context);
}

async function isOfEuicc(
  {
    euiccCancelSessionSigned: signed,
    euiccCancelSessionSignature: signature,
  }: NonNullable<CancelSessionResponseEsipa['cancelSessionResponseOk']>,
  eid: string,
  transactionId: string,
  context: EimContext,
): Promise<boolean> {
  const euicc = await context.store.euiccs.find(eid);
  const verified = euicc && euiccOf(euicc, context);
  return (
    typeof verified === 'object' &&
    formatTransactionId(signed.value.transactionId) === transactionId &&
    isSignature(verified.publicKey, signature, signed.der)
  );
}
