// §5.6.3 ES9+.AuthenticateClient: the eUICC authenticates itself, and is offered a profile.
import type { Context } from '../../context.ts';
import type {
  AuthenticateResponseOk,
  AuthenticateServerResponse,
} from '../../rsp/definitions/authenticate-server.ts';
import type { VerifiedEuicc } from '../../rsp/certificate-chain.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { decodeImei, isMatchingId } from '../../rsp/identifiers.ts';
import { authenticateErrorCodes, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { buildProfilePackage } from '../package/profile-package.ts';
import { countDownload } from '../profile-state.ts';
import { endBegunSession, isServerChallenge } from './begun-session.ts';
import type { Call, Learned, Outcome } from './call.ts';
import { entryOf, logRows, outcomeOf } from './call.ts';
import { checkEligibility } from './eligibility.ts';
import { earlierEntries } from './first-entries.ts';
import { identityOf } from './identity.ts';
import { loggedMessage } from './logged-message.ts';
import type { FoundOrder } from './ordered-profile.ts';
import {
  DOWNLOAD_LIMIT,
  findByEventId,
  findOrder,
  findOrderOf,
  findPendingByEid,
} from './ordered-profile.ts';
import { reportStep, SUCCESS, warnedOf } from './progress.ts';
import type { Authenticated, Bound, Initiated, Offer, SignedOffer } from './session.ts';
import { digestOf, sessionToAuthenticate, toRow, unknown } from './session.ts';
import type { GrantedOffer } from './signed.ts';
import { encodeSmdpSigned2, signSmdpSigned2 } from './signed.ts';
import { verifyEuiccChain } from './verify-euicc.ts';

export interface AuthenticateClientRequest {
  transactionId: string;
  authenticateServerResponse: AuthenticateServerResponse;
  /** DER of the response, which identifies the call. */
  der: Uint8Array;
}

export interface AuthenticateClientResponse {
  /** Upper-case hex. */
  transactionId: string;
  /** DER of StoreMetadataRequest */
  profileMetadata: Uint8Array;
  /** DER */
  smdpSigned2: Uint8Array;
  /** r ‖ s */
  smdpSignature2: Uint8Array;
  /** DER of CERT.DPpb.ECDSA */
  smdpCertificate: Uint8Array;
}

export function authenticateClient(
  { transactionId, authenticateServerResponse: response, der }: AuthenticateClientRequest,
  call: Call,
  context: Context,
): Promise<Outcome<AuthenticateClientResponse>> {
  return outcomeOf(async (learned) => {
    const digest = digestOf(der);
    const matchingId = matchingIdOf(response);
    const isPossible = isMatchingId(matchingId, context.config.testMatchingIds);
    const [session, named] = await allEnded([
      sessionToAuthenticate(transactionId, digest, context),
      isPossible ? context.store.orderedProfiles.findByMatchingId(matchingId) : Promise.resolve([]),
    ]);
    if (session.step !== 'initiated') {
      return { answer: await answerAgain(session, context), isLogged: false };
    }
    learned.earlier = await earlierEntries(session, call, context);
    await context.turns.next('goes on');
    const authenticated = authenticate(session, response, learned, context);
    const { euicc, ok } = authenticated;
    if (!isPossible) {
      throw new FunctionExecutionError('8.2.6', '3.8', 'The MatchingID has invalid characters');
    }
    const found =
      matchingId === ''
        ? await findPendingByEid(euicc.eid, context.store)
        : named.length > 0
          ? named
          : await findByEventId(matchingId, context.store);
    const order = findOrder(found, matchingId, euicc.eid, context);
    learned.about = order.about;
    const made = await makeOffer(session, authenticated, order, context).catch(
      async (error: unknown) => {
        await writeEnds(order, context);
        await reportRefusal(error, order, euicc, context);
        throw error;
      },
    );
    const { answer, profile, offer } = made;
    learned.response = [
      ...loggedMessage('SmdpSigned2', answer.smdpSigned2),
      ...loggedMessage('StoreMetadataRequest', answer.profileMetadata),
    ];
    const proven = {
      accountSid: profile.account_sid,
      iccid: profile.iccid,
      orderedBy: profile.ordered_by ?? undefined,
      orderNumber: profile.order_number,
      eid: euicc.eid,
      euiccCertificate: ok.euiccCertificate.toBase64(),
      offer,
      digest,
    };
    await context.share(async (unit) => {
      const logged = logRows(learned, entryOf(call, learned), context);
      await allEnded([
        unit.tables.rspSessions.insert(toRow(session, proven, logged)),
        countAttempt(order, profile, unit),
        reportStep({ ...profile, eid: euicc.eid }, { point: POINT, status: SUCCESS }, unit),
      ]);
    });
    return { answer, isLogged: true };
  });
}

const POINT = 'eligibilityAndRetryLimitCheck';

/** The order stays as it is: another device, or this one with another profile less, may download it. */
async function reportRefusal(
  error: unknown,
  { found }: FoundOrder,
  { eid }: VerifiedEuicc,
  { transact }: Context,
): Promise<void> {
  if (!(error instanceof FunctionExecutionError) || found instanceof FunctionExecutionError) return;
  const { profile } = found;
  if (profile.operator_sid === null) return;
  const progress = { point: POINT, status: warnedOf(error) } as const;
  await transact((unit) => reportStep({ ...profile, eid }, progress, unit, { once: true }));
}

/** Counted with the session, so of two concurrent attempts only one can be the last. */
async function countAttempt(
  { ended }: FoundOrder,
  profile: SubscriptionRow,
  unit: Unit,
): Promise<void> {
  for (const end of ended) await end(unit);
  await countDownload(profile, DOWNLOAD_LIMIT, unit);
}

interface AuthenticatedEuicc {
  euicc: VerifiedEuicc;
  ok: AuthenticateResponseOk;
}

/** The checks of §5.6.3 on the eUICC: 8.11.1, 8.1.2, 8.1.3, 8.1, 8.10.1. */
function authenticate(
  session: Initiated,
  { authenticateResponseOk: ok, authenticateResponseError: error }: AuthenticateServerResponse,
  learned: Learned,
  context: Context,
): AuthenticatedEuicc {
  if (error !== undefined) {
    if (hex(error.transactionId) !== session.transactionId) throw unknown();
    endBegunSession(session, context);
    const name = nameOf(authenticateErrorCodes, error.authenticateErrorCode) ?? 'an unknown error';
    throw new FunctionExecutionError('8.1', '6.1', `The eUICC refused the authentication: ${name}`);
  }
  const euicc = verifyEuiccChain(
    ok.euiccCertificate,
    ok.eumCertificate,
    session.euiccCiPKId,
    context.pki,
    context.now(),
  );
  learned.eid = euicc.eid;
  const { value: euiccSigned1, der } = ok.euiccSigned1;
  // §5.6.3: euiccSignature1 is wrong → 8.1 / 6.1
  if (!isSignature(euicc.publicKey, ok.euiccSignature1, der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccSignature1 is wrong');
  }
  checkBelongsTo(session, euiccSigned1, context);
  const { deviceInfo } = euiccSigned1.ctxParams1.ctxParamsForCommonAuthentication;
  learned.tac = decodeImei(deviceInfo.tac);
  if (deviceInfo.imei !== undefined) learned.imei = decodeImei(deviceInfo.imei);
  return { euicc, ok };
}

/** §5.6.3: the eUICC's signed data must be the answer to this session. */
function checkBelongsTo(
  session: Initiated,
  signed: AuthenticateResponseOk['euiccSigned1']['value'],
  context: Context,
): void {
  // The signed TransactionID differs → 8.10.1 / 3.9
  if (hex(signed.transactionId) !== session.transactionId) throw unknown();
  // The signed address or challenge differs → 8.1 / 6.1
  if (signed.serverAddress.toLowerCase() !== context.config.smdpAddress.toLowerCase()) {
    throw new FunctionExecutionError('8.1', '6.1', 'The eUICC signed another server address');
  }
  const { serverChallenge, transactionId, serverAddress } = signed;
  if (!isServerChallenge(serverChallenge, transactionId, serverAddress, context)) {
    throw new FunctionExecutionError('8.1', '6.1', 'The eUICC signed another challenge');
  }
}

/** Empty if there is none. */
function matchingIdOf({ authenticateResponseOk: ok }: AuthenticateServerResponse): string {
  const signed = ok?.euiccSigned1.value.ctxParams1.ctxParamsForCommonAuthentication;
  return signed?.matchingId ?? '';
}

interface MadeOffer {
  answer: AuthenticateClientResponse;
  profile: OrderedProfile['profile'];
  offer: SignedOffer;
}

/** The other checks, of the order and of the eUICC's capabilities: 8.2.6, 8.1.1, 8.2, 8.8.5, 8.2.5, 8.1. */
async function makeOffer(
  session: Initiated,
  { euicc, ok }: AuthenticatedEuicc,
  { found }: FoundOrder,
  context: Context,
): Promise<MadeOffer> {
  if (found instanceof FunctionExecutionError) throw found;
  const { profile } = found;
  const { upp, metadata, storeMetadataRequest } = await buildProfilePackage(found, context);
  // §5.6.3: the profile is not suitable for the eUICC → 8.2.5 / 4.3, 8.1 / 4.8
  checkEligibility(ok.euiccSigned1.value.euiccInfo2, metadata, upp.length);
  const identity = identityOf(session, context.pki);
  const granted = {
    transactionId: session.transactionId,
    offer: {
      confirmationRequired: profile.confirmation_code !== null,
      bppEuiccOtpk: bppEuiccOtpk(profile, euicc.eid),
    },
    euiccSignature1: ok.euiccSignature1,
  };
  const offer = await signSmdpSigned2(granted as GrantedOffer, identity);
  return { answer: answerOf(session, offer, storeMetadataRequest, context), profile, offer };
}

/** §5.6.3: the one-time key to which the profile is already bound, if this eUICC returns. */
function bppEuiccOtpk(
  { state, eid: bound, euicc_otpk: otpk }: OrderedProfile['profile'],
  eid: string,
): Offer['bppEuiccOtpk'] {
  if (state !== 'Downloaded' || bound !== eid || otpk === null) return undefined;
  return Uint8Array.fromBase64(otpk);
}

function answerOf(
  session: Initiated | Authenticated | Bound,
  offer: SignedOffer,
  profileMetadata: Uint8Array,
  { pki }: Context,
): AuthenticateClientResponse {
  const { transactionId } = session;
  return {
    transactionId,
    profileMetadata,
    smdpSigned2: encodeSmdpSigned2(transactionId, offer),
    smdpSignature2: offer.smdpSignature2,
    smdpCertificate: identityOf(session, pki).dpPb.certificate.der,
  };
}

/** Offer and signature are stored in the session; the rest is made again. */
async function answerAgain(
  session: Authenticated | Bound,
  context: Context,
): Promise<AuthenticateClientResponse> {
  const { proven } = session;
  const order = await findOrderOf(proven, context.store);
  if (order === undefined) throw unknown();
  const { storeMetadataRequest } = await buildProfilePackage(order, context);
  return answerOf(session, proven.offer, storeMetadataRequest, context);
}

/** Orders found to have ended are updated even if the call is refused. */
async function writeEnds({ ended }: FoundOrder, { transact }: Context): Promise<void> {
  if (ended.length === 0) return;
  await transact(async (unit) => {
    for (const end of ended) await end(unit);
  });
}

const hex = (bytes: Uint8Array) => bytes.toHex().toUpperCase();
