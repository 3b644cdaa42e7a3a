// §5.6.5 ES9+.CancelSession: the device gives a download up, for now or for good.
import type { Context } from '../context.ts';
import { findOrderOfProfile } from '../smdp/download/ordered-profile.ts';
import { endBegunSession } from '../smdp/download/begun-session.ts';
import { endOrder } from '../smdp/download/end-order.ts';
import { findSession, unknown } from '../smdp/download/rsp-session.ts';
import { CancelSessionResponse } from '../rsp/definitions/cancel-session.ts';
import type { CancelSessionReason } from '../rsp/reasons.ts';
import { cancelSessionReasons, nameOf } from '../rsp/reasons.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { isSignature } from '../rsp/signature.ts';
import type { ReasonCode, SubjectCode } from '../rsp/status-codes.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { hex, messageMember, transactionIdMember } from './es9-call.ts';
import { findIdentity } from './identity.ts';
import { logRows } from './log-rows.ts';
import { parsedCertificate } from './parsed-certificate.ts';

/** What the operator is told of an order that was given up for good (SGP.22 v3 has words for it). */
const TERMINAL: Partial<Record<CancelSessionReason, [SubjectCode, ReasonCode, message: string]>> = {
  endUserRejection: ['8.8.5', '3.8', 'The user rejected the download'],
  pprNotAllowed: ['8.2.8', '1.2', 'The eUICC does not allow the policy rules of the profile'],
  metadataMismatch: ['8.2.9', '3.11', 'The metadata of the profile changed during the download'],
  loadBppExecutionError: ['8.2.10', '4.2', 'The eUICC could not load the bound profile package'],
  undefinedReason: ['8', '4.2', 'The device gave the download up without a reason'],
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
  const order = await findOrder(session, context);
  if (order !== undefined) {
    call.about = { accountSid: order.profile.account_sid, esimProfileSid: order.esimProfile.sid };
  }
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
  const terminal = TERMINAL[reason];
  // LPAs say that the user rejected when we did: after a refusal it is no word about the order.
  const afterRefusal = session.bind_digest !== null && session.smdp_sign === null;
  // Another eUICC may have been quicker: then the order is that one's.
  const isTheirs = (order?.profile.eid ?? session.eid) === session.eid;
  await transact(async (unit) => {
    const { tables } = unit;
    await tables.rspSessions.advance(session.step, { ...session, step: 'ended' });
    await tables.rspLog.insertMany(logRows(call, context));
    if (terminal === undefined || afterRefusal || !isTheirs || order === undefined) return;
    if (order.profile.state !== 'Released' && order.profile.state !== 'Downloaded') return;
    const [subjectCode, reasonCode, message] = terminal;
    const cause = { cause: 'download given up by the device', detail: reason };
    const code = formatStatusCode({ subjectCode, reasonCode });
    const error = { error_code: code, error_message: message };
    await endOrder(order, 'cancelSession', error, cause, unit);
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

async function findOrder({ account_sid: accountSid, iccid }: RspSessionRow, { store }: Context) {
  if (accountSid === null || iccid === null) return undefined;
  return findOrderOfProfile(accountSid, iccid, store);
}
