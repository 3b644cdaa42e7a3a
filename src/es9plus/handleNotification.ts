// §5.6.4 ES9+.HandleNotification: what became of a profile on the device. Answered with 204 when it is on
// disk, and when it was judged and refused: what cannot be verified changes nothing.
import type { Context } from '../context.ts';
import type { AppliedNotification, LogNotification } from '../smdp/download/notification.ts';
import { applyInstallationResult, applyOtherNotification } from '../smdp/download/notification.ts';
import { findSession } from '../smdp/download/rsp-session.ts';
import type {
  OtherSignedNotification,
  ProfileInstallationResult,
} from '../rsp/definitions/notification.ts';
import { PendingNotification } from '../rsp/definitions/notification.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { isSignature } from '../rsp/signature.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { hex, messageMember } from './es9-call.ts';
import { findIdentity } from './identity.ts';
import { logRows } from './log-rows.ts';
import { parsedCertificate } from './parsed-certificate.ts';
import { verifyEuiccChain } from './verify-euicc.ts';

export async function handleNotification(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { value } = messageMember(
    call,
    'pendingNotification',
    'PendingNotification',
    PendingNotification,
  );
  try {
    if (value.profileInstallationResult !== undefined) {
      await installationResult(value.profileInstallationResult, call, context);
    } else {
      await otherNotification(value.otherSignedNotification, call, context);
    }
  } catch (refused) {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
    call.entry.status = 'Failed';
    call.entry.subject_code = refused.subjectCode;
    call.entry.reason_code = refused.reasonCode;
    call.entry.message = refused.message;
  }
  return undefined;
}

/** Signed with the key of the session's eUICC, whose certificate was kept. */
async function installationResult(
  { profileInstallationResultData: data, euiccSignPIR }: ProfileInstallationResult,
  call: Es9Call,
  context: Context,
): Promise<void> {
  call.entry.transaction_id = hex(data.value.transactionId);
  const session = await findSession(hex(data.value.transactionId), context);
  if (session?.euicc_certificate == null) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'The notification is of no session here');
  }
  call.entry.eid = session.eid;
  const euicc = parsedCertificate(session.euicc_certificate);
  if (!isSignature(euicc.publicKey, euiccSignPIR, data.der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccSignPIR is wrong');
  }
  // §2.5.6: the OID is that of another SM-DP+. Ours may have changed since then, with its certificates.
  const identity = findIdentity(session, context.pki);
  if (identity !== undefined && identity.smdpOid !== data.value.smdpOid) {
    throw new FunctionExecutionError('8.8', '3.10', `This SM-DP+ is not ${data.value.smdpOid}`);
  }
  const applied = await applyInstallationResult(
    data.value,
    data.der,
    session,
    context,
    logOf(call, context),
  );
  keep(applied, call);
}

/** Signed with a certificate that comes along. */
async function otherNotification(
  notification: OtherSignedNotification,
  call: Es9Call,
  context: Context,
): Promise<void> {
  const { tbsOtherNotification, euiccNotificationSignature } = notification;
  const euicc = verifyEuiccChain(
    notification.euiccCertificate,
    notification.eumCertificate,
    undefined,
    context.pki,
    context.now(),
  );
  call.entry.eid = euicc.eid;
  if (!isSignature(euicc.publicKey, euiccNotificationSignature, tbsOtherNotification.der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccNotificationSignature is wrong');
  }
  const applied = await applyOtherNotification(
    tbsOtherNotification.value,
    tbsOtherNotification.der,
    euicc.eid,
    context,
    logOf(call, context),
  );
  keep(applied, call);
}

/** Writes the log in the transaction of what the notification changes. */
function logOf(call: Es9Call, context: Context): LogNotification {
  return (about, { tables }) => tables.rspLog.insertMany(logRows({ ...call, about }, context));
}

function keep({ about, isNew }: AppliedNotification, call: Es9Call): void {
  call.about = about;
  call.isLogged = isNew;
}
