// §5.6.2 ES9+.GetBoundProfilePackage: the profile, protected for this eUICC and this download.
import type { Context } from '../../context.ts';
import { signature } from '../../rsp/definitions/basic-types.ts';
import type { PrepareDownloadResponse } from '../../rsp/definitions/prepare-download.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { parseTransactionId } from '../../rsp/identifiers.ts';
import { downloadErrorCodes, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';
import { Conflict } from '../../store/errors.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { changeState } from '../profile-state.ts';
import type { BoundPackage } from './bound-package.ts';
import { makeBoundProfilePackage } from './bound-package.ts';
import type { Call, LoggedCall, Outcome } from './call.ts';
import { entryOf, logRows, outcomeOf } from './call.ts';
import { refusedByConfirmationCode, refusedWithoutLooking } from './confirmation-code.ts';
import { refusedByExpiry } from './order-expiry.ts';
import {
  aboutOf,
  aboutSession,
  findProfileOf,
  orderOf,
  refusedByState,
} from './ordered-profile.ts';
import { parsedCertificate } from './parsed-certificate.ts';
import type { BindingSeed } from './profile-binding.ts';
import { keptSeed, newSeed } from './profile-binding.ts';
import { reportProgress, SUCCESS } from './progress.ts';
import type { Refusal } from './refusal.ts';
import type { Authenticated, Bound } from './session.ts';
import { digestOf, moveOn, sessionToBind, unknown } from './session.ts';
import type { GrantedDownload } from './signed.ts';

export interface GetBoundProfilePackageRequest {
  transactionId: string;
  prepareDownloadResponse: PrepareDownloadResponse;
  /** DER of the response, which identifies the call. */
  der: Uint8Array;
}

export interface GetBoundProfilePackageResponse {
  /** Upper-case hex. */
  transactionId: string;
  /** DER */
  boundProfilePackage: Uint8Array;
}

export function getBoundProfilePackage(
  { transactionId, prepareDownloadResponse: response, der }: GetBoundProfilePackageRequest,
  call: Call,
  context: Context,
): Promise<Outcome<GetBoundProfilePackageResponse>> {
  return outcomeOf(async (learned) => {
    const digest = digestOf(der);
    const [session, found] = await allEnded([
      sessionToBind(transactionId, digest, context),
      findProfileOf(transactionId, context.store),
    ]);
    await context.turns.next('goes on');
    learned.eid = session.proven.eid;
    learned.about = aboutSession(session.proven);
    const order = requireOrder(session, found);
    learned.about = aboutOf(order.profile);
    if (session.step === 'bound') {
      const made = await bindAgain(session, response, order, context);
      return { answer: answerOf(session, made), isLogged: false };
    }
    const judged = judge(session, response, digest, order, context);
    if ('refused' in judged) {
      await writeRefusal(session, digest, judged, context);
      throw judged.refused;
    }
    const seed = seedOf(order, session, judged, context.masterKey);
    const made = await makeBoundProfilePackage(session, order, judged, seed, context).catch(
      async (error: unknown) => {
        if (error instanceof FunctionExecutionError) {
          await writeRefusal(session, digest, { refused: error }, context);
        }
        throw error;
      },
    );
    learned.response = [`-- BoundProfilePackage of ${made.der.length} octets --`];
    await context.share((unit) => {
      const logged = logRows(learned, entryOf(call, learned), context);
      return writeBinding({ session, digest, order, made, seed, logged }, context, unit);
    });
    return { answer: answerOf(session, made), isLogged: true };
  });
}

function requireOrder(
  { proven }: Authenticated | Bound,
  found: OrderedProfile | undefined,
): OrderedProfile {
  const order = orderOf(proven, found);
  if (order !== undefined) return order;
  // The order was cancelled during the session → 8.2 / 3.7
  throw new FunctionExecutionError(
    '8.2',
    '3.7',
    'The profile is no longer available for this download',
  );
}

/** The checks of §5.6.2, in order. */
function judge(
  session: Authenticated,
  { downloadResponseOk: ok, downloadResponseError: error }: PrepareDownloadResponse,
  digest: string,
  { profile }: OrderedProfile,
  context: Context,
): GrantedDownload | Refusal {
  const { transactionId, proven, refused } = session;
  if (error !== undefined) {
    if (error.transactionId.toHex().toUpperCase() !== transactionId) return { refused: unknown() };
    const name = nameOf(downloadErrorCodes, error.downloadErrorCode) ?? 'an unknown error';
    return {
      refused: new FunctionExecutionError('8.1', '6.1', `The eUICC refused the download: ${name}`),
      effect: (unit) => moveOn(session, { step: 'ended' }, [], unit),
    };
  }
  const { value: euiccSigned2, der } = ok.euiccSigned2;
  const { publicKey } = parsedCertificate(proven.euiccCertificate);
  const smdpSignature2 = signature.encode(proven.offer.smdpSignature2);
  // §5.6.2: euiccSignature2 covers euiccSigned2 and smdpSignature2 → 8.1 / 6.1
  if (!isSignature(publicKey, ok.euiccSignature2, der, smdpSignature2)) {
    return { refused: new FunctionExecutionError('8.1', '6.1', 'euiccSignature2 is wrong') };
  }
  // The signed TransactionID differs → 8.10.1 / 3.9
  if (Buffer.compare(euiccSigned2.transactionId, parseTransactionId(transactionId)!) !== 0) {
    return { refused: unknown() };
  }
  return (
    refusedWithoutLooking(euiccSigned2, profile) ??
    // The order may have changed since it was found: another eUICC may have been faster.
    refusedByState(profile, proven.eid) ??
    refusedByConfirmationCode(euiccSigned2, profile, refused === digest, context) ??
    // §5.6.2: the order has expired in the meantime → 8.8.5 / 4.10
    refusedByExpiry(profile, context) ??
    ({ euiccOtpk: euiccSigned2.euiccOtpk } as GrantedDownload)
  );
}

function seedOf(
  { profile }: OrderedProfile,
  { proven }: Authenticated,
  { euiccOtpk }: GrantedDownload,
  masterKey: Context['masterKey'],
): BindingSeed {
  return (
    keptSeed(profile, proven.eid, euiccOtpk, masterKey) ?? newSeed(profile, euiccOtpk, masterKey)
  );
}

/** Makes the same package again from the kept seed and signature. */
async function bindAgain(
  session: Bound,
  { downloadResponseOk: ok }: PrepareDownloadResponse,
  order: OrderedProfile,
  context: Context,
): Promise<BoundPackage> {
  const { proven, binding } = session;
  // The digest proves that this same request was granted before.
  const granted = { euiccOtpk: ok!.euiccSigned2.value.euiccOtpk } as GrantedDownload;
  const seed = keptSeed(order.profile, proven.eid, granted.euiccOtpk, context.masterKey);
  // The eUICC has made another key since, for another session, and cannot use this package.
  if (seed === undefined || binding.smdpSign.length === 0) throw unknown();
  // If something in the package has changed, the key differs and is signed again.
  return makeBoundProfilePackage(session, order, granted, seed, context, binding.smdpSign);
}

function answerOf(
  { transactionId }: Authenticated | Bound,
  { der }: BoundPackage,
): GetBoundProfilePackageResponse {
  return { transactionId, boundProfilePackage: der };
}

interface NewBinding {
  session: Authenticated;
  digest: string;
  order: OrderedProfile;
  made: BoundPackage;
  seed: BindingSeed;
  logged: LoggedCall[];
}

/** Records the binding: session bound, profile Downloaded, report to the operator. */
async function writeBinding(
  { session, digest, order: { profile }, made, seed, logged }: NewBinding,
  context: Context,
  unit: Unit,
): Promise<void> {
  const bound_before = profile.state === 'Downloaded' ? 1 : 0;
  const smdp_sign = made.smdpSign.toBase64();
  const to = { step: 'bound', bound_before, bind_digest: digest, smdp_sign } as const;
  const { eid } = session.proven;
  const progress = { point: 'bppDownload', status: SUCCESS } as const;
  await allEnded([
    moveOn(session, to, logged, unit),
    // Of two eUICCs with one MatchingID, the first to get here wins.
    changeState(profile, 'Downloaded', { ...seed.columns, eid }, unit),
    reportProgress({ ...profile, eid }, progress, context, unit),
  ]);
}

/** Records the refusal in the session, to interpret later messages of its device, and applies its effect. */
async function writeRefusal(
  session: Authenticated,
  digest: string,
  { effect }: Refusal,
  { transact }: Context,
): Promise<void> {
  const written = transact(async (unit) => {
    // Session before profile, as in all transactions, to avoid deadlocks.
    await moveOn(session, { step: 'authenticated', bind_digest: digest }, [], unit);
    await effect?.(unit);
  });
  await written.catch((error: unknown) => {
    // The session has moved on or ended, so nothing needs to be recorded.
    if (effect !== undefined || !(error instanceof Conflict)) throw error;
  });
}
