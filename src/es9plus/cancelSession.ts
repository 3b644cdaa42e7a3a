// §5.6.5 ES9+.CancelSession: the device gives a download up, for now or for good.
import type { Context } from '../context.ts';
import { aboutOf } from '../smdp/download/ordered-profile.ts';
import type { Failure } from '../smdp/download/progress.ts';
import { endBegunSession } from '../smdp/download/begun-session.ts';
import { endOrder } from '../smdp/download/end-order.ts';
import { findSession, unknown } from '../smdp/download/rsp-session.ts';
import { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import type { CancelSessionReason } from '../rsp/reasons.ts';
import { cancelSessionReasons, nameOf } from '../rsp/reasons.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { isSignature } from '../rsp/signature.ts';
import type { RspSessionRow, SubscriptionRow } from '../store/schema.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { hex, messageMember, transactionIdMember } from './es9-call.ts';
import { findIdentity } from './identity.ts';
import { logRows } from './log-rows.ts';
import { parsedCertificate } from './parsed-certificate.ts';

/** What the operator is told of an order that was given up for good (SGP.22 v3 has words for it). */
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
    message: 'The device gave the download up without a reason',
  },
};

export async function cancelSession(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { transact, pki } = context;
  const transactionId = transactionIdMember(call);
  const { value: response } = messageMember(
    call,
    'cancelSessionResponse',
    'CancelSessionResponse',
    CancelSessionResponse,
  );
  const session = await findSession(transactionId, context);
  // §5.6.5: the TransactionID is unknown → 8.10.1 / 3.9
  if (session === undefined || session.date_expires < context.now().toISOString()) throw unknown();
  call.entry.eid = session.eid;
  const profile = await findProfile(session, context);
  if (profile !== undefined) call.about = aboutOf(profile);
  const { cancelSessionResponseOk: ok } = response;
  // The error choice is not signed, and a session whose eUICC is not proven has no key to verify with:
  // such a word ends the session at most, never an order.
  if (ok === undefined || session.euicc_certificate === null) {
    await endUnproven(session, context);
    return {};
  }

  const euicc = parsedCertificate(session.euicc_certificate);
  const { value: signed, der } = ok.euiccCancelSessionSigned;
  // §5.6.5: the signature is wrong → 8.1 / 6.1
  if (!isSignature(euicc.publicKey, ok.euiccCancelSessionSignature, der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccCancelSessionSignature is wrong');
  }
  // §5.6.5: the OID is not that of this SM-DP+ → 8.8 / 3.10
  const identity = findIdentity(session, pki);
  if (identity !== undefined && signed.smdpOid !== identity.smdpOid) {
    throw new FunctionExecutionError('8.8', '3.10', `This SM-DP+ is not ${signed.smdpOid}`);
  }
  if (hex(signed.transactionId) !== session.transaction_id) throw unknown();
  if (session.step === 'ended') return {};

  const reason = nameOf(cancelSessionReasons, signed.reason) ?? 'undefinedReason';
  const failure = TERMINAL[reason];
  // LPAs say that the user rejected when we did: after a refusal it is no word about the order.
  const afterRefusal = session.bind_digest !== null && session.smdp_sign === null;
  // Another eUICC may have been quicker: then the order is that one's.
  const isTheirs = (profile?.eid ?? session.eid) === session.eid;
  const point = session.step === 'bound' ? 'bppInstallation' : 'bppDownload';
  await transact(async (unit) => {
    const { tables } = unit;
    await tables.rspSessions.advance(session.step, { ...session, step: 'ended' });
    await tables.rspLog.insertMany(logRows(call, context));
    if (failure === undefined || afterRefusal || !isTheirs || profile === undefined) return;
    if (profile.state !== 'Released' && profile.state !== 'Downloaded') return;
    await endOrder(profile, 'cancelSession', { point, failure }, context, unit);
  });
  call.isLogged = true;
  return {};
}

async function endUnproven(session: RspSessionRow, context: Context): Promise<void> {
  if (session.step === 'ended' || session.step === 'bound') return;
  if (session.step === 'initiated') return endBegunSession(session, context);
  await context.transact(({ tables }) =>
    tables.rspSessions.advance(session.step, { ...session, step: 'ended' }),
  );
}

async function findProfile(
  { account_sid: accountSid, iccid }: RspSessionRow,
  { store }: Context,
): Promise<SubscriptionRow | undefined> {
  if (accountSid === null || iccid === null) return undefined;
  return store.subscriptions.find(accountSid, iccid);
}
