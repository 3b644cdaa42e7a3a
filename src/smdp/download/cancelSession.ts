// §5.6.5 ES9+.CancelSession: the device cancels a download, for now or for good.
import type { Context } from '../../context.ts';
import type { CancelSessionResponse } from '../../rsp/definitions/cancel-session.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { CancelSessionReason } from '../../rsp/reasons.ts';
import { cancelSessionReasons, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import { endBegunSession } from './begun-session.ts';
import type { Call, Outcome } from './call.ts';
import { entryOf, logRows, outcomeOf } from './call.ts';
import { endOrder } from './end-order.ts';
import { findIdentity } from './identity.ts';
import { aboutOf, aboutSession, isOrderOf } from './ordered-profile.ts';
import { parsedCertificate } from './parsed-certificate.ts';
import type { Failure } from './progress.ts';
import type { Authenticated, Begun, Bound, Proven, Session } from './session.ts';
import { getSession, moveOn, unknown } from './session.ts';

export interface CancelSessionRequest {
  transactionId: string;
  cancelSessionResponse: CancelSessionResponse;
}

type CancelSessionResponseOk = NonNullable<CancelSessionResponse['cancelSessionResponseOk']>;

/** The failures reported to the operator for final reasons (named in SGP.22 v3). */
const TERMINAL: Partial<Record<CancelSessionReason, Failure>> = {
  endUserRejection: {
    subjectCode: '8.8.5',
    reasonCode: '3.8',
    message: 'The user rejected the download',
  },
  pprNotAllowed: {
    subjectCode: '8.2.8',
    reasonCode: '1.2',
    message: 'The eUICC does not allow the policy rules of the profile',
  },
  metadataMismatch: {
    subjectCode: '8.2.9',
    reasonCode: '3.11',
    message: 'The metadata of the profile changed during the download',
  },
  loadBppExecutionError: {
    subjectCode: '8.2.10',
    reasonCode: '4.2',
    message: 'The eUICC could not load the bound profile package',
  },
  undefinedReason: {
    subjectCode: '8',
    reasonCode: '4.2',
    message: 'The device cancelled the download without a reason',
  },
};

export function cancelSession(
  { transactionId, cancelSessionResponse: response }: CancelSessionRequest,
  call: Call,
  context: Context,
): Promise<Outcome<void>> {
  return outcomeOf(async (learned) => {
    // §5.6.5: the TransactionID is unknown → 8.10.1 / 3.9
    const session = await getSession(transactionId, context);
    const proven = session.step === 'initiated' ? undefined : session.proven;
    const profile = proven && (await findProfile(proven, context));
    if (proven !== undefined) learned.eid = proven.eid;
    learned.about = profile === undefined ? proven && aboutSession(proven) : aboutOf(profile);
    const { cancelSessionResponseOk: ok } = response;
    // The error choice is not signed, and before authentication there is no key to verify with: such a message can
    // end the session, but never an order.
    if (ok === undefined || session.step === 'initiated' || proven === undefined) {
      await endUnproven(session, context);
      return DONE;
    }
    const reason = verifiedReason(ok, session, proven, context);
    if (session.step === 'ended') return DONE;
    const failure = endsOrder(session, profile) ? TERMINAL[reason] : undefined;
    const point = session.step === 'bound' ? 'bppInstallation' : 'bppDownload';
    await context.transact(async (unit) => {
      const logged = logRows(learned, entryOf(call, learned), context);
      await moveOn(session, { step: 'ended' }, logged, unit);
      if (failure === undefined) return;
      await endOrder(profile!, 'cancelSession', { point, failure }, context, unit);
    });
    return { answer: undefined, isLogged: true };
  });
}

const DONE = { answer: undefined, isLogged: false };

async function findProfile(
  proven: Proven,
  { store }: Context,
): Promise<SubscriptionRow | undefined> {
  const profile = await store.subscriptions.find(proven.accountSid, proven.iccid);
  return profile !== undefined && isOrderOf(proven, profile) ? profile : undefined;
}

/** The checks of §5.6.5. */
function verifiedReason(
  { euiccCancelSessionSigned, euiccCancelSessionSignature }: CancelSessionResponseOk,
  session: Begun,
  { euiccCertificate }: Proven,
  { pki }: Context,
): CancelSessionReason {
  const { publicKey } = parsedCertificate(euiccCertificate);
  const { value: signed, der } = euiccCancelSessionSigned;
  // §5.6.5: the signature is wrong → 8.1 / 6.1
  if (!isSignature(publicKey, euiccCancelSessionSignature, der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccCancelSessionSignature is wrong');
  }
  // §5.6.5: the OID is not that of this SM-DP+ → 8.8 / 3.10
  const identity = findIdentity(session, pki);
  if (identity !== undefined && signed.smdpOid !== identity.smdpOid) {
    throw new FunctionExecutionError('8.8', '3.10', `This SM-DP+ is not ${signed.smdpOid}`);
  }
  if (signed.transactionId.toHex().toUpperCase() !== session.transactionId) throw unknown();
  return nameOf(cancelSessionReasons, signed.reason) ?? 'undefinedReason';
}

/** Whether a final reason also ends the order. */
function endsOrder(session: Authenticated | Bound, profile: SubscriptionRow | undefined): boolean {
  // After a refusal of ours, LPAs send endUserRejection, so it says nothing about the order.
  const isAfterRefusal = session.step === 'authenticated' && session.refused !== undefined;
  if (isAfterRefusal || profile === undefined) return false;
  // Another eUICC may have been faster: then the order belongs to it.
  const isTheirs = (profile.eid ?? session.proven.eid) === session.proven.eid;
  return isTheirs && (profile.state === 'Released' || profile.state === 'Downloaded');
}

async function endUnproven(session: Session, context: Context): Promise<void> {
  if (session.step === 'initiated') endBegunSession(session, context);
  if (session.step === 'authenticated') {
    await context.transact((unit) => moveOn(session, { step: 'ended' }, [], unit));
  }
}
