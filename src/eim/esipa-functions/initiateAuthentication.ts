// SGP.32 §6.3.2.1 ESipa.InitiateAuthentication, relayed to the SM-DP+ of the download.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { bytesIn, callEs9Plus } from '../es9plus.ts';
import { EsipaRefusal } from './refusal.ts';
import { noteTransaction, triggeredBy } from './triggered.ts';
import { initiateAuthenticationErrorsEsipa } from '../../rsp/eim-codes.ts';

export interface InitiateAuthenticationRequest {
  euiccChallenge: Uint8Array;
  smdpAddress?: string | undefined;
  /** DER */
  euiccInfo1?: Uint8Array | undefined;
  eimTransactionId?: Uint8Array | undefined;
}

export interface InitiateAuthenticationAnswer {
  /** Upper-case hex. */
  transactionId: string;
  serverSigned1: Uint8Array;
  /** TLV, like the others. */
  serverSignature1: Uint8Array;
  euiccCiPKIdentifierToBeUsed: Uint8Array;
  serverCertificate: Uint8Array;
  /** For an IPA that does not know it. */
  matchingId?: string;
}

const errors = initiateAuthenticationErrorsEsipa;

/** Throws `FunctionExecutionError`, `SmdpUnavailable`, `Conflict`. */
export async function initiateAuthentication(
  { euiccChallenge, smdpAddress, euiccInfo1, eimTransactionId }: InitiateAuthenticationRequest,
  caller: Caller,
  context: EimContext,
): Promise<InitiateAuthenticationAnswer> {
  const { store, eim } = context;
  const triggered =
    eimTransactionId === undefined
      ? undefined
      : await triggeredBy(
          await store.eimOperations.packageByTransaction(eimTransactionId.toHex().toUpperCase()),
          context,
        );
  if (eimTransactionId !== undefined && triggered === undefined) {
    const number = errors.invalidEimTransactionId;
    throw new EsipaRefusal(
      number,
      '8.10.1',
      '3.9',
      'No download was triggered with this eimTransactionId',
    );
  }
  const address = smdpAddress ?? triggered?.smdpAddress;
  const expected = triggered?.smdpAddress.toLowerCase();
  if (expected !== undefined && address?.toLowerCase() !== expected) {
    const message = `The download is one from ${expected}`;
    throw new EsipaRefusal(errors.smdpAddressMismatch, '8.8.1', '3.8', message);
  }
  if (address === undefined || !eim.es9plus.reaches(address)) {
    const message = 'This eIM does not reach that SM-DP+';
    throw new EsipaRefusal(errors.invalidDpAddress, '8.8.1', '3.8', message);
  }
  if (euiccInfo1 === undefined) {
    const message = 'euiccInfo1 is missing: this eIM does not offer minimizeEsipaBytes';
    throw new EsipaRefusal(errors.undefinedError, '1.6', '2.2', message, 'euiccInfo1');
  }
  const answer = await callEs9Plus(
    eim.es9plus,
    'initiateAuthentication',
    address,
    {
      euiccChallenge: euiccChallenge.toBase64(),
      euiccInfo1: euiccInfo1.toBase64(),
      smdpAddress: address,
    },
    caller,
  );
  const transactionId = String(answer['transactionId']).toUpperCase();
  if (triggered !== undefined) await noteTransaction(triggered, transactionId, context);
  return {
    transactionId,
    serverSigned1: bytesIn(answer, 'serverSigned1'),
    serverSignature1: bytesIn(answer, 'serverSignature1'),
    euiccCiPKIdentifierToBeUsed: bytesIn(answer, 'euiccCiPKIdToBeUsed'),
    serverCertificate: bytesIn(answer, 'serverCertificate'),
    ...(smdpAddress === undefined && triggered !== undefined
      ? { matchingId: triggered.matchingId }
      : {}),
  };
}
