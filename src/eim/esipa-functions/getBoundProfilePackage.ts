// SGP.32 §6.3.2.3 ESipa.GetBoundProfilePackage, relayed.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { callEs9Plus, tlvIn } from '../es9plus.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { fullPrepareDownloadResponse } from './full-messages.ts';
import {
  failAsTold,
  isOfSession,
  keepAttempt,
  notingUnavailable,
  refusedBySmdp,
  smdpOf,
  triggeredBy,
} from './triggered.ts';
import { EsipaRefusal } from './refusal.ts';
import { verifySameMetadata } from './verify-metadata.ts';
import type { PrepareDownloadResponseEsipa } from '../../rsp/definitions/compact.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';

/** @param transactionId upper-case hex. @returns DER. Throws `FunctionExecutionError`, `SmdpUnavailable`. */
export async function getBoundProfilePackage(
  transactionId: string,
  given: Encoded<PrepareDownloadResponseEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<Uint8Array> {
  const sent = await context.store.eimOperations.packageOfBegun(transactionId);
  const triggered = await triggeredBy(sent, context);
  if (triggered === undefined) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'No download has this transactionId');
  }
  const { compactDownloadResponseOk: compact } = given.value;
  const { value, der } =
    compact === undefined
      ? given
      : await fullPrepareDownloadResponse(compact, { triggered, transactionId, context });
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
      await verifySameMetadata(boundProfilePackage, transactionId, triggered, context);
      await keepAttempt(triggered, transactionId, context);
      return boundProfilePackage;
    });
  } catch (error) {
    const isOwn = error instanceof EsipaRefusal;
    if (error instanceof FunctionExecutionError && !isOfSession(error) && !isOwn) {
      const reason = refusedBySmdp(error);
      // Its own error has no signature.
      if (value.downloadResponseError === undefined) {
        await failAsTold(triggered, reason, context);
      } else await failUnsigned(triggered.sent, reason, undefined, context);
    }
    throw error;
  }
}
