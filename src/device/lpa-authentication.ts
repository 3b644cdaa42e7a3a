// Common mutual authentication (§3.0.1) on the LPA's side.
import type { ActivationCode } from '../rsp/activation-code.ts';
import { parseCertificate } from '../rsp/certificate.ts';
import { findSmdpOid, hasRole } from '../rsp/certificate-chain.ts';
import {
  AuthenticateServerResponse,
  ServerSigned1,
} from '../rsp/definitions/authenticate-server.ts';
import { DeviceInfo } from '../rsp/definitions/euicc-info.ts';
import { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { encodeTlv } from '../rsp/der.ts';
import { encodeUtf8 } from '../rsp/der-values.ts';
import { decodeIccid, encodeImei, parseTransactionId } from '../rsp/identifiers.ts';
import { authenticateErrorCodes, nameOf } from '../rsp/reasons.ts';
import { DeviceError, EuiccError } from './device-error.ts';
import { callEs10 } from './es10.ts';
import type { EventEntry } from './es11.ts';
import { authenticateClientAtSmds } from './es11.ts';
import {
  Es9PlusError,
  type AuthenticateClientResponse,
  type InitiateAuthenticationResponse,
} from './es9plus.ts';
import type { Lpa } from './lpa.ts';

export interface AuthenticatedSession extends Omit<AuthenticateClientResponse, 'transactionId'> {
  readonly smdpAddress: string;
  readonly transactionId: Uint8Array;
  readonly transactionIdHex: string;
  readonly metadata: StoreMetadataRequest;
  readonly iccid: string;
}

/** §3.6: an event leads from the root SM-DS to an alternative one, and from there to the SM-DP+. */
const MOST_SMDS = 3;

/** With an SM-DP+, or with one that the event leads to which the matching ID names at an SM-DS. */
export async function authenticateMutually(
  lpa: Lpa,
  code: ActivationCode,
  passed = 0,
): Promise<AuthenticatedSession> {
  const authenticated = await authenticate(lpa, code);
  if (!authenticated.isSmds) return authenticateAtSmdp(lpa, authenticated);
  const { smdpAddress: smdsAddress, matchingId } = code;
  if (matchingId === '') throw new DeviceError(`${smdsAddress} is an SM-DS, not an SM-DP+.`);
  if (passed === MOST_SMDS) throw new DeviceError(`The event leads through too many SM-DSs.`);
  const [entry, ...others] = await authenticateAtSmds(lpa, authenticated);
  if (entry === undefined || others.length > 0) {
    throw new DeviceError(`${smdsAddress} has ${others.length + (entry ? 1 : 0)} events, not one.`);
  }
  const { rspServerAddress: smdpAddress, eventId } = entry;
  const next = { smdpAddress, matchingId: eventId, confirmationCodeRequired: false };
  return authenticateMutually(lpa, next, passed + 1);
}

/** §3.6.2: the events that wait for the eUICC at an SM-DS, in its order. */
export async function retrieveEvents(lpa: Lpa, smdsAddress: string): Promise<EventEntry[]> {
  const code = { smdpAddress: smdsAddress, matchingId: '', confirmationCodeRequired: false };
  const authenticated = await authenticate(lpa, code);
  if (authenticated.isSmds) return authenticateAtSmds(lpa, authenticated);
  throw new DeviceError(`${smdsAddress} is not an SM-DS.`);
}

/** Both sides have proven who they are, but the server does not know it yet. */
interface Authenticated {
  readonly address: string;
  readonly isSmds: boolean;
  readonly transactionId: Uint8Array;
  readonly transactionIdHex: string;
  /** DER of AuthenticateServerResponse. */
  readonly response: Uint8Array;
}

async function authenticate(lpa: Lpa, code: ActivationCode): Promise<Authenticated> {
  const { euicc, es9 } = lpa;
  const initiated = await es9.initiateAuthentication(
    code.smdpAddress,
    lpa.euiccChallenge(),
    lpa.euiccInfo1(),
  );
  const { transactionId, serverAddress } = verifyInitiated(initiated, code);
  const smdpAddress = code.smdpAddress === '' ? serverAddress : code.smdpAddress;
  lpa.announce(
    'initiateAuthentication',
    'TLS certificate, server address and OID verified by the LPA',
  );

  const { matchingId = code.matchingId } = initiated;
  const request = authenticateServerRequest(initiated, matchingId, lpa.options.imei);
  const response = callEs10(euicc, request);
  const { authenticateResponseError } = AuthenticateServerResponse.decode(response);
  if (authenticateResponseError !== undefined) {
    // §3.0.1: inform the server; its response does not matter.
    await es9.authenticateClient(smdpAddress, initiated.transactionId, response).catch(() => {});
    const { authenticateErrorCode } = authenticateResponseError;
    const name =
      nameOf(authenticateErrorCodes, authenticateErrorCode) ?? `${authenticateErrorCode}`;
    throw new EuiccError('authenticateServer', name, `The eUICC refused the server: ${name}.`);
  }
  const isSmds = hasRole(parseCertificate(initiated.serverCertificate), 'dsAuth');
  lpa.announce(
    'authenticateServer',
    `${isSmds ? 'CERT.DSauth' : 'CERT.DPauth'}, serverSignature1 and the eUICC challenge verified by the eUICC`,
  );
  const { transactionId: transactionIdHex } = initiated;
  return { address: smdpAddress, isSmds, transactionId, transactionIdHex, response };
}

/** §5.8.2 */
async function authenticateAtSmds(
  lpa: Lpa,
  { address, transactionId, transactionIdHex, response }: Authenticated,
): Promise<EventEntry[]> {
  const { transport } = lpa.options;
  const answer = await authenticateClientAtSmds(transport, address, transactionIdHex, response);
  verifySameTransaction(answer.transactionId, transactionId);
  const { eventEntries } = answer;
  lpa.announce('authenticateClient', `the SM-DS ${address} has ${eventsInWords(eventEntries)}`);
  return eventEntries;
}

function eventsInWords({ length }: readonly EventEntry[]): string {
  return length === 0 ? 'no events' : length === 1 ? '1 event' : `${length} events`;
}

/** §5.6.3 */
async function authenticateAtSmdp(
  lpa: Lpa,
  { address: smdpAddress, transactionId, transactionIdHex, response }: Authenticated,
): Promise<AuthenticatedSession> {
  const answer = await lpa.es9
    .authenticateClient(smdpAddress, transactionIdHex, response)
    .catch((error: unknown) =>
      cancelIfRefused(lpa, { smdpAddress, transactionId }, error, 'pprNotAllowed'),
    );
  verifySameTransaction(answer.transactionId, transactionId);
  const metadata = StoreMetadataRequest.decode(answer.profileMetadata);
  const iccid = decodeIccid(metadata.iccid) ?? '';
  const session = {
    ...answer,
    smdpAddress,
    transactionId,
    transactionIdHex,
    metadata,
    iccid,
  };
  await verifyPolicyRules(lpa, session);
  const names = `${metadata.serviceProviderName} / ${metadata.profileName}`;
  lpa.announce('authenticateClient', `the server offers ${iccid} (${names})`);
  return session;
}

/** §3.0.1: the checks that only the LPA can make, because the eUICC does not know which server was called. */
function verifyInitiated(
  { serverSigned1, serverCertificate, transactionId }: InitiateAuthenticationResponse,
  { smdpAddress, smdpOid }: ActivationCode,
): ServerSigned1 {
  const signed = ServerSigned1.decode(serverSigned1);
  // Without an address of its own, as of an eIM that handles the download data, the LPA has nothing to compare.
  const isExpected =
    smdpAddress === '' || signed.serverAddress.toLowerCase() === smdpAddress.toLowerCase();
  if (!isExpected) {
    throw new DeviceError(
      `The server identifies itself as ${signed.serverAddress}, not ${smdpAddress}.`,
    );
  }
  verifySameTransaction(transactionId, signed.transactionId);
  const named = findSmdpOid(parseCertificate(serverCertificate));
  if (smdpOid !== undefined && named !== smdpOid) {
    throw new DeviceError(
      `The server's OID is ${named}, but the activation code requires ${smdpOid}.`,
    );
  }
  return signed;
}

export function verifySameTransaction(text: string, transactionId: Uint8Array): void {
  const received = parseTransactionId(text);
  if (received !== undefined && Buffer.compare(received, transactionId) === 0) return;
  throw new DeviceError('The response of the server is for another transaction.');
}

/** §5.7.13: passes the server's TLVs to the eUICC unchanged. */
export function authenticateServerRequest(
  initiated: InitiateAuthenticationResponse,
  matchingId: string,
  imei: string,
): Uint8Array {
  const deviceInfo = DeviceInfo.encode({
    tac: encodeImei(imei.slice(0, 8)),
    deviceCapabilities: { eutranEpcSupportedRelease: '15.0.0' },
    imei: encodeImei(imei),
  });
  const ctxParamsForCommonAuthentication = encodeTlv(
    0xa0,
    // §4.1.2: without a matching ID, the server looks for a profile for the EID.
    ...(matchingId === '' ? [] : [encodeTlv(0x80, encodeUtf8(matchingId))]),
    deviceInfo,
  );
  return encodeTlv(
    0xbf38,
    initiated.serverSigned1,
    initiated.serverSignature1,
    initiated.euiccCiPKIdToBeUsed,
    initiated.serverCertificate,
    initiated.ctxParams1 ?? ctxParamsForCommonAuthentication,
  );
}

/** §3.1.3: a rule that the eUICC forbids ends the session before the download. */
async function verifyPolicyRules(lpa: Lpa, session: AuthenticatedSession): Promise<void> {
  const { forbiddenProfilePolicyRules } = lpa.euicc.state;
  const { profilePolicyRules = [] } = session.metadata;
  if (lpa.options.isMetadataVerified === true) return;
  const forbidden = forbiddenProfilePolicyRules.find((rule) => profilePolicyRules.includes(rule));
  if (forbidden === undefined) return;
  await lpa.cancelSession(session, 'pprNotAllowed');
  throw new DeviceError(
    `The profile has the policy rule ${forbidden}, which this eUICC does not allow.`,
  );
}

/** In the JSON binding of ESipa; in the ASN.1 binding, the number has the name of the reason. */
const SUBJECTS = { pprNotAllowed: '8.2.8', metadataMismatch: '8.2.9' };

/** What an eIM has verified instead of the LPA (SGP.32 §3.2.3.2): its refusal is the LPA's reason to cancel. Throws it again. */
export async function cancelIfRefused(
  lpa: Lpa,
  session: Pick<AuthenticatedSession, 'smdpAddress' | 'transactionId'>,
  error: unknown,
  reason: 'pprNotAllowed' | 'metadataMismatch',
): Promise<never> {
  const isOfEim =
    lpa.options.isMetadataVerified === true &&
    error instanceof Es9PlusError &&
    (error.subjectCode === SUBJECTS[reason] || error.serverMessage?.startsWith(reason) === true);
  if (isOfEim) await lpa.cancelSession(session, reason);
  throw error;
}
