// A call of ESipa, whichever binding it came in: the function, and its answer in words that both bindings can write.
import type { EimContext } from '../eim/eim.ts';
import type { Caller } from '../eim/es9plus.ts';
import type { AuthenticateClientAnswer } from '../eim/esipa-functions/authenticateClient.ts';
import { authenticateClient } from '../eim/esipa-functions/authenticateClient.ts';
import { cancelSession } from '../eim/esipa-functions/cancelSession.ts';
import { getBoundProfilePackage } from '../eim/esipa-functions/getBoundProfilePackage.ts';
import { getEimPackage } from '../eim/esipa-functions/getEimPackage.ts';
import { handleNotification } from '../eim/esipa-functions/handleNotification.ts';
import type { InitiateAuthenticationAnswer } from '../eim/esipa-functions/initiateAuthentication.ts';
import { initiateAuthentication } from '../eim/esipa-functions/initiateAuthentication.ts';
import type { ProvidedResult } from '../eim/esipa-functions/provideEimPackageResult.ts';
import { provideEimPackageResult } from '../eim/esipa-functions/provideEimPackageResult.ts';
import type { EsipaMessageFromIpaToEim } from '../rsp/definitions/esipa.ts';
import { eimPackageErrors, provideEimPackageResultErrors } from '../rsp/eim-codes.ts';
import { formatTransactionId } from '../rsp/identifiers.ts';
import { nameOf } from '../rsp/reasons.ts';

/** In the order of SGP.32 §6.3.2. */
export const esipaFunctions = [
  'initiateAuthentication',
  'authenticateClient',
  'getBoundProfilePackage',
  'handleNotification',
  'cancelSession',
  'getEimPackage',
  'provideEimPackageResult',
] as const;
export type EsipaFunction = (typeof esipaFunctions)[number];

/** A call that was read. */
export interface EsipaCall {
  name: EsipaFunction;
  message: EsipaMessageFromIpaToEim;
}

export type EsipaAnswer =
  | { initiateAuthentication: InitiateAuthenticationAnswer }
  | { authenticateClient: AuthenticateClientAnswer }
  | { getBoundProfilePackage: { transactionId: string; boundProfilePackage: Uint8Array } }
  | { cancelSession: true }
  /** Whether the notification was taken over. */
  | { handleNotification: boolean }
  /** DER of the eIM package, or the number of an error. */
  | { getEimPackage: Uint8Array | number }
  | { provideEimPackageResult: ProvidedResult };

/** The standard's name of the error that an answer has; none if there is nothing to send. */
export function errorIn(answer: EsipaAnswer): string | undefined {
  if ('getEimPackage' in answer) {
    const { getEimPackage: given } = answer;
    const isError = typeof given === 'number' && given !== eimPackageErrors.noEimPackageAvailable;
    return isError ? nameOf(eimPackageErrors, given) : undefined;
  }
  if ('provideEimPackageResult' in answer) {
    const { error } = answer.provideEimPackageResult;
    return error === undefined ? undefined : nameOf(provideEimPackageResultErrors, error);
  }
  return undefined;
}

/** Throws `FunctionExecutionError`, `SmdpUnavailable`, `Conflict`, `StoreUnavailable`. */
export async function answerMessage(
  message: EsipaMessageFromIpaToEim,
  caller: Caller,
  context: EimContext,
): Promise<EsipaAnswer> {
  const {
    initiateAuthenticationRequestEsipa: initiate,
    authenticateClientRequestEsipa: authenticate,
    getBoundProfilePackageRequestEsipa: bind,
    cancelSessionRequestEsipa: cancel,
    handleNotificationEsipa: notification,
    getEimPackageRequest: poll,
    provideEimPackageResult: result,
  } = message;
  if (poll !== undefined) return { getEimPackage: await getEimPackage(poll, context) };
  if (result !== undefined) {
    return { provideEimPackageResult: await provideEimPackageResult(result, caller, context) };
  }
  if (notification !== undefined) {
    return { handleNotification: await handleNotification(notification, caller, context) };
  }
  if (initiate !== undefined) {
    const { euiccChallenge, smdpAddress, euiccInfo1, eimTransactionId } = initiate;
    const request = { euiccChallenge, smdpAddress, euiccInfo1: euiccInfo1?.der, eimTransactionId };
    return { initiateAuthentication: await initiateAuthentication(request, caller, context) };
  }
  if (authenticate !== undefined) {
    const { transactionId: id, authenticateServerResponse: response } = authenticate;
    const transactionId = formatTransactionId(id);
    return {
      authenticateClient: await authenticateClient(transactionId, response, caller, context),
    };
  }
  if (bind !== undefined) {
    const { transactionId: id, prepareDownloadResponse: response } = bind;
    const transactionId = formatTransactionId(id);
    const boundProfilePackage = await getBoundProfilePackage(
      transactionId,
      response,
      caller,
      context,
    );
    return { getBoundProfilePackage: { transactionId, boundProfilePackage } };
  }
  const { transactionId, cancelSessionResponse } = cancel!;
  await cancelSession(formatTransactionId(transactionId), cancelSessionResponse, caller, context);
  return { cancelSession: true };
}
