// §5.6.4 ES9+.HandleNotification: results and events of a profile on the device. Unverifiable notifications have no
// effect.
import type { Context } from '../../context.ts';
import type {
  OtherSignedNotification,
  PendingNotification,
  ProfileInstallationResult,
} from '../../rsp/definitions/notification.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { isSignature } from '../../rsp/signature.ts';
import { allEnded } from '../../store/together.ts';
import type { Call, Learned, Outcome } from './call.ts';
import { entryOf, logRows, outcomeOf } from './call.ts';
import { findIdentity } from './identity.ts';
import type { AppliedNotification, LogNotification } from './notification.ts';
import { applyInstallationResult, applyOtherNotification } from './notification.ts';
import { aboutSession, findProfileOf } from './ordered-profile.ts';
import { parsedCertificate } from './parsed-certificate.ts';
import { findSession } from './session.ts';
import { verifyEuiccChain } from './verify-euicc.ts';

export interface HandleNotificationRequest {
  pendingNotification: PendingNotification;
}

export function handleNotification(
  { pendingNotification }: HandleNotificationRequest,
  call: Call,
  context: Context,
): Promise<Outcome<void>> {
  return outcomeOf(async (learned) => {
    const { profileInstallationResult: result, otherSignedNotification: other } =
      pendingNotification;
    const log: LogNotification = (about) =>
      logRows({ ...learned, about }, entryOf(call, learned), context);
    const applied =
      result === undefined
        ? await otherNotification(other, learned, log, context)
        : await installationResult(result, learned, log, context);
    learned.about = applied.about;
    return { answer: undefined, isLogged: applied.isNew };
  });
}

/** Signed with the key of the session's eUICC, whose certificate is stored. */
async function installationResult(
  result: ProfileInstallationResult,
  learned: Learned,
  log: LogNotification,
  context: Context,
): Promise<AppliedNotification> {
  const { profileInstallationResultData: data, euiccSignPIR } = result;
  learned.transactionId = data.value.transactionId.toHex().toUpperCase();
  const [session, order] = await allEnded([
    findSession(learned.transactionId, context),
    findProfileOf(learned.transactionId, context.store),
  ]);
  if (session === undefined || session.step === 'initiated' || session.proven === undefined) {
    throw new FunctionExecutionError(
      '8.10.1',
      '3.9',
      'The notification belongs to no known session',
    );
  }
  await context.turns.next('goes on');
  const { eid, euiccCertificate } = session.proven;
  learned.eid = eid;
  if (!isSignature(parsedCertificate(euiccCertificate).publicKey, euiccSignPIR, data.der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccSignPIR is wrong');
  }
  learned.about = aboutSession(session.proven);
  // §2.5.6: the OID must be that of this SM-DP+, unless its certificates have changed since.
  const identity = findIdentity(session, context.pki);
  if (identity !== undefined && identity.smdpOid !== data.value.smdpOid) {
    throw new FunctionExecutionError('8.8', '3.10', `This SM-DP+ is not ${data.value.smdpOid}`);
  }
  return applyInstallationResult(result, session, order?.profile, context, log);
}

/** Signed with the key of an included certificate. */
async function otherNotification(
  notification: OtherSignedNotification,
  learned: Learned,
  log: LogNotification,
  context: Context,
): Promise<AppliedNotification> {
  const { tbsOtherNotification, euiccNotificationSignature } = notification;
  const euicc = verifyEuiccChain(
    notification.euiccCertificate,
    notification.eumCertificate,
    undefined,
    context.pki,
    context.now(),
  );
  learned.eid = euicc.eid;
  if (!isSignature(euicc.publicKey, euiccNotificationSignature, tbsOtherNotification.der)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccNotificationSignature is wrong');
  }
  return applyOtherNotification(tbsOtherNotification, euicc.eid, context, log);
}
