// SGP.32 §6.3.2.1 ESipa.InitiateAuthentication, relayed to the SM-DP+ of the download.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { callEs9Plus, malformed, tlvIn } from '../es9plus.ts';
import { ctxParams1Of, euiccInfo2Of, hasFeature, needsSession } from '../capabilities.ts';
import { wantData } from '../operations/ask-before-download.ts';
import { EsipaRefusal } from './refusal.ts';
import type { Triggered } from './triggered.ts';
import { codeAt, noteTransaction, notingUnavailable, smdpOf, triggeredBy } from './triggered.ts';
import { isServerAddress } from '../../rsp/activation-code.ts';
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { ServerSigned1 } from '../../rsp/definitions/authenticate-server.ts';
import { DerError } from '../../rsp/der-error.ts';
import { initiateAuthenticationErrorsEsipa } from '../../rsp/eim-codes.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { euiccInfo1Of } from '../../rsp/rebuild-messages.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { EuiccRow } from '../../store/schema.ts';

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
  /** DER, for an IPA that leaves it to its eIM. */
  ctxParams1?: Uint8Array;
}

const errors = initiateAuthenticationErrorsEsipa;

/** Throws `FunctionExecutionError`, `SmdpUnavailable`, `Conflict`. */
export async function initiateAuthentication(
  request: InitiateAuthenticationRequest,
  caller: Caller,
  context: EimContext,
): Promise<InitiateAuthenticationAnswer> {
  const triggered = await findTriggered(request.eimTransactionId, context);
  const address = request.smdpAddress ?? (triggered && smdpOf(triggered));
  await checkAddress(address, triggered, context);
  const euicc = triggered && (await context.store.euiccs.find(triggered.sent.eid));
  const work = async () => {
    const euiccInfo1 = request.euiccInfo1 ?? (await knownInfo1(euicc, context));
    return initiate({ ...request, euiccInfo1 }, address!, triggered, euicc, caller, context);
  };
  return triggered === undefined ? work() : notingUnavailable(triggered, context, work);
}

/** What an IPA leaves out (minimizeEsipaBytes). */
async function knownInfo1(euicc: EuiccRow | undefined, context: EimContext): Promise<Uint8Array> {
  const euiccInfo2 = euicc && euiccInfo2Of(euicc);
  if (euiccInfo2 !== undefined) return euiccInfo1Of(euiccInfo2);
  if (euicc !== undefined) await wantData(euicc.eid, context);
  const message = 'euiccInfo1 is missing, and the eIM does not know it';
  throw new EsipaRefusal(errors.undefinedError, '1.6', '2.2', message, 'euiccInfo1');
}

async function findTriggered(
  eimTransactionId: Uint8Array | undefined,
  context: EimContext,
): Promise<Triggered | undefined> {
  if (eimTransactionId === undefined) return undefined;
  const id = eimTransactionId.toHex().toUpperCase();
  const sent = await context.store.eimOperations.packageByTransaction(id);
  const triggered = await triggeredBy(sent, context);
  if (triggered !== undefined) return triggered;
  const message = 'No download was triggered with this eimTransactionId';
  throw new EsipaRefusal(errors.invalidEimTransactionId, '8.10.1', '3.9', message);
}

/** SGP.32 §6.3.2.1: the SM-DP+ is that of the trigger; without one, as in v1.0.1, one from which there is a download. */
async function checkAddress(
  address: string | undefined,
  triggered: Triggered | undefined,
  { eim: { es9plus }, store }: EimContext,
): Promise<void> {
  const expected = triggered?.expected;
  if (expected !== undefined && !expected.includes(address?.toLowerCase() ?? '')) {
    const message = `The download is one from ${expected.join(', or from ')}`;
    throw new EsipaRefusal(errors.smdpAddressMismatch, '8.8.1', '3.8', message);
  }
  // Anybody can name one, so we call none for that alone.
  const mayBeCalled =
    address !== undefined &&
    isServerAddress(address) &&
    es9plus.reaches(address) &&
    (triggered !== undefined ||
      es9plus.isNamed(address) ||
      (await store.eimOperations.isOpenAt(address)));
  if (mayBeCalled) return;
  const message = 'This eIM does not reach that SM-DP+';
  throw new EsipaRefusal(errors.invalidDpAddress, '8.8.1', '3.8', message);
}

async function initiate(
  {
    euiccChallenge,
    euiccInfo1,
    smdpAddress,
  }: InitiateAuthenticationRequest & { euiccInfo1: Uint8Array },
  address: string,
  triggered: Triggered | undefined,
  euicc: EuiccRow | undefined,
  caller: Caller,
  context: EimContext,
): Promise<InitiateAuthenticationAnswer> {
  const answer = await callEs9Plus(
    context.eim.es9plus,
    'initiateAuthentication',
    address,
    {
      euiccChallenge: euiccChallenge.toBase64(),
      euiccInfo1: euiccInfo1.toBase64(),
      smdpAddress: address,
    },
    caller,
  );
  const initiated = {
    transactionId: transactionIn(answer),
    serverSigned1: tlvIn(answer, 'serverSigned1', 0x30),
    serverSignature1: tlvIn(answer, 'serverSignature1', 0x5f37),
    euiccCiPKIdentifierToBeUsed: tlvIn(answer, 'euiccCiPKIdToBeUsed', 0x04),
    serverCertificate: tlvIn(answer, 'serverCertificate', 0x30),
  };
  const code = triggered && codeAt(triggered, address);
  const server = verifyServer(initiated, address, code?.smdpOid);
  if (triggered === undefined) return initiated;
  const { transactionId, serverSigned1 } = initiated;
  const matchingId = code?.matchingId ?? '';
  const ctxParams1 =
    euicc !== undefined && hasFeature(euicc, 'eimCtxParams1Generation')
      ? ctxParams1Of(euicc, matchingId)
      : undefined;
  const session = {
    transactionId,
    ...server,
    serverSigned1: serverSigned1.toBase64(),
    ...(ctxParams1 === undefined ? {} : { ctxParams1: ctxParams1.toBase64() }),
  };
  const kept = euicc !== undefined && needsSession(euicc) ? session : undefined;
  await noteTransaction(triggered, transactionId, address.toLowerCase(), kept, context);
  if (ctxParams1 !== undefined) return { ...initiated, ctxParams1 };
  // An IPA that names no SM-DP+ does not know the matching ID either.
  return smdpAddress === undefined ? { ...initiated, matchingId } : initiated;
}

function transactionIn(answer: Record<string, unknown>): string {
  const { transactionId } = answer;
  const bytes = typeof transactionId === 'string' ? parseTransactionId(transactionId) : undefined;
  if (bytes === undefined) throw malformed('without a transactionId');
  return formatTransactionId(bytes);
}

/** SGP.22 §3.0.1, as an LPA does: who has answered is who was called, and who the activation code names. */
function verifyServer(
  { transactionId, serverSigned1, serverCertificate }: InitiateAuthenticationAnswer,
  address: string,
  smdpOid: string | undefined,
): { serverAddress: string; smdpOid: string | undefined } {
  let signed: ServerSigned1;
  let oid: string | undefined;
  try {
    signed = ServerSigned1.decode(serverSigned1);
    oid = findSmdpOid(parseCertificate(serverCertificate));
  } catch (error) {
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    throw malformed('with a serverSigned1 or a serverCertificate that is none');
  }
  if (formatTransactionId(signed.transactionId) !== transactionId) {
    throw malformed('with the transactionId of another session');
  }
  if (signed.serverAddress.toLowerCase() !== address.toLowerCase()) {
    const message = 'The SM-DP+ that answers calls itself by another address';
    throw new EsipaRefusal(errors.smdpAddressMismatch, '8.8.1', '3.8', message);
  }
  if (smdpOid !== undefined && oid !== smdpOid) {
    const message = `The OID of the SM-DP+ is ${oid ?? 'missing'}, that of the activation code ${smdpOid}`;
    throw new EsipaRefusal(errors.smdpOidMismatch, '8.8', '3.8', message);
  }
  return { serverAddress: signed.serverAddress, smdpOid: oid };
}
