// SGP.32 §6.3.2.3 ESipa.GetBoundProfilePackage, relayed.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { callEs9Plus, tlvIn } from '../es9plus.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { EsipaRefusal } from './refusal.ts';
import {
  failAsTold,
  isOfSession,
  keepAttempt,
  notingUnavailable,
  refusedBySmdp,
  smdpOf,
  triggeredBy,
} from './triggered.ts';
import type { PrepareDownloadResponseEsipa } from '../../rsp/definitions/compact.ts';
import { getBoundProfilePackageErrorsEsipa } from '../../rsp/eim-codes.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';

/** @param transactionId upper-case hex. @returns DER. Throws `FunctionExecutionError`, `SmdpUnavailable`. */
export async function getBoundProfilePackage(
  transactionId: string,
  { value, der }: Encoded<PrepareDownloadResponseEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<Uint8Array> {
  if (value.compactDownloadResponseOk !== undefined) {
    const number = getBoundProfilePackageErrorsEsipa.undefinedError;
    const message = 'Compact messages are not offered: this eIM does not offer minimizeEsipaBytes';
    throw new EsipaRefusal(number, '1.6', '2.1', message);
  }
  const sent = await context.store.eimOperations.packageOfBegun(transactionId);
  const triggered = await triggeredBy(sent, context);
  if (triggered === undefined) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'No download has this transactionId');
  }
  try {
    return await notingUnavailable(triggered, context, async () => {
      const answer = await callEs9Plus(
        context.eim.es9plus,
        'getBoundProfilePackage',
        smdpOf(triggered)!,
        { transactionId, prepareDownloadResponse: der.toBase64() },
        caller,
      );
      const boundProfilePackage = tlvIn(answer, 'boundProfilePackage', 0xbf36);
      await keepAttempt(triggered, transactionId, context);
      return boundProfilePackage;
    });
  } catch (error) {
    if (error instanceof FunctionExecutionError && !isOfSession(error)) {
      const reason = refusedBySmdp(error);
      // Its own error has no signature.
      if (value.downloadResponseError === undefined) {
        await failAsTold(triggered, reason, context);
      } else await failUnsigned(triggered.sent, reason, undefined, context);
    }
    throw error;
  }
}
