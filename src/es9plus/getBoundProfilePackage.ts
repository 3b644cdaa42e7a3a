// §5.6.2 ES9+.GetBoundProfilePackage: the profile, protected for this eUICC and this download alone.
import type { Context } from '../context.ts';
import { changeState } from '../smdp/profile-state.ts';
import type { OrderedProfile } from '../store/ordered-profiles.ts';
import {
  aboutOf,
  checkOrderedProfile,
  findOrderOfProfile,
} from '../smdp/download/ordered-profile.ts';
import { reportProgress, SUCCESS } from '../smdp/download/progress.ts';
import { loggedPrepareDownloadResponse } from '../smdp/download/logged-message.ts';
import { checkOrderExpiry } from '../smdp/download/order-expiry.ts';
import type { BindingSeed } from '../smdp/download/profile-binding.ts';
import { keptSeed, newSeed } from '../smdp/download/profile-binding.ts';
import { unknown } from '../smdp/download/rsp-session.ts';
import { signature } from '../rsp/definitions/basic-types.ts';
import { PrepareDownloadResponse } from '../rsp/definitions/prepare-download.ts';
import { parseTransactionId } from '../rsp/identifiers.ts';
import { downloadErrorCodes, nameOf } from '../rsp/reasons.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { isSignature } from '../rsp/signature.ts';
import { Conflict } from '../store/errors.ts';
import type { RspSessionRow } from '../store/schema.ts';
import { makeBoundProfilePackage } from './bound-package.ts';
import { checkConfirmationCode, checkMayTryConfirmationCode } from './confirmation-code.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { base64, fromBase64, hex } from './es9-call.ts';
import { identityOf } from './identity.ts';
import { logRows } from './log-rows.ts';
import { parsedCertificate } from './parsed-certificate.ts';
import { readSessionCall } from './session-call.ts';

export async function getBoundProfilePackage(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { response, digest, session, isRepeated } = await readSessionCall(
    call,
    'authenticated',
    'PrepareDownloadResponse',
    PrepareDownloadResponse,
    context,
    loggedPrepareDownloadResponse,
  );
  const order = await getOrder(session, context);
  call.entry.eid = session.eid;
  call.about = aboutOf(order.profile);
  if (isRepeated) return answerAgain(response, session, order, context);
  try {
    return await answerFor(call, response, digest, session, order, context);
  } catch (refused) {
    if (refused instanceof FunctionExecutionError) await markRefused(session, digest, context);
    throw refused;
  }
}

async function answerFor(
  call: Es9Call,
  response: PrepareDownloadResponse,
  digest: string,
  session: RspSessionRow,
  order: OrderedProfile,
  context: Context,
): Promise<Es9Answer> {
  const { transact, pki, masterKey } = context;
  const { downloadResponseOk: ok, downloadResponseError: error } = response;
  if (error !== undefined) {
    if (hex(error.transactionId) !== session.transaction_id) throw unknown();
    await transact(({ tables }) =>
      tables.rspSessions.advance('authenticated', { ...session, step: 'ended' }),
    );
    const name = nameOf(downloadErrorCodes, error.downloadErrorCode) ?? 'an unknown error';
    throw new FunctionExecutionError('8.1', '6.1', `The eUICC refused the download: ${name}`);
  }
  const { value: euiccSigned2, der: signedBytes } = ok.euiccSigned2;
  const euicc = parsedCertificate(session.euicc_certificate!);
  const smdpSignature2 = signature.encode(fromBase64(session.smdp_signature2!));
  // §5.6.2: euiccSignature2 covers euiccSigned2 and smdpSignature2 → 8.1 / 6.1
  if (!isSignature(euicc.publicKey, ok.euiccSignature2, signedBytes, smdpSignature2)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccSignature2 is wrong');
  }
  const sessionId = parseTransactionId(session.transaction_id)!;
  // The signed TransactionID is another one → 8.10.1 / 3.9
  if (Buffer.compare(euiccSigned2.transactionId, sessionId) !== 0) throw unknown();
  checkMayTryConfirmationCode(euiccSigned2, order);
  // What has happened to the order since it was found: another eUICC may have been quicker.
  checkOrderedProfile(order.profile, session.eid!);
  await checkConfirmationCode(euiccSigned2, session, order, digest, context);
  // §5.6.2: the order has expired meanwhile → 8.8.5 / 4.10
  await checkOrderExpiry(order.profile, context);

  const identity = identityOf(session, pki);
  const { euiccOtpk } = euiccSigned2;
  const seed =
    keptSeed(order.profile, session.eid!, euiccOtpk, masterKey) ??
    newSeed(order.profile, euiccOtpk, masterKey);
  let smdpSign: Uint8Array = new Uint8Array();
  const { signer } = identity.dpPb;
  const boundProfilePackage = await makeBoundProfilePackage(
    session,
    order,
    euiccOtpk,
    seed,
    async (bytes) => (smdpSign = await signer.sign(bytes)),
    context,
  );
  call.entry.response = `-- BoundProfilePackage of ${boundProfilePackage.length} octets --`;
  await bind(call, order, session, digest, base64(smdpSign), seed, context);
  return answerOf(session, boundProfilePackage);
}

/** The same package: the seed of its keys and the signature were kept, the rest can be made again. */
async function answerAgain(
  { downloadResponseOk: ok }: PrepareDownloadResponse,
  session: RspSessionRow,
  order: OrderedProfile,
  context: Context,
): Promise<Es9Answer> {
  const { dpPb } = identityOf(session, context.pki);
  const euiccOtpk = ok!.euiccSigned2.value.euiccOtpk;
  const seed = keptSeed(order.profile, session.eid!, euiccOtpk, context.masterKey);
  // The eUICC has made another key since then, for another session: it has no use for this package.
  if (seed === undefined || !session.smdp_sign) throw unknown();
  const smdpSign = fromBase64(session.smdp_sign);
  return answerOf(
    session,
    // Another key is signed anew: something in the package has changed since.
    await makeBoundProfilePackage(
      session,
      order,
      euiccOtpk,
      seed,
      (bytes) =>
        isSignature(dpPb.certificate.publicKey, smdpSign, bytes)
          ? smdpSign
          : dpPb.signer.sign(bytes),
      context,
    ),
  );
}

function answerOf(session: RspSessionRow, boundProfilePackage: Uint8Array): Es9Answer {
  return {
    transactionId: session.transaction_id,
    boundProfilePackage: base64(boundProfilePackage),
  };
}

/** One transaction: the session is bound, the profile Downloaded, the API's status `downloaded`. */
async function bind(
  call: Es9Call,
  { profile }: OrderedProfile,
  session: RspSessionRow,
  digest: string,
  smdpSign: string,
  { columns }: BindingSeed,
  context: Context,
): Promise<void> {
  const eid = session.eid!;
  await context.transact(async (unit) => {
    const { tables } = unit;
    await tables.rspSessions.advance('authenticated', {
      transaction_id: session.transaction_id,
      step: 'bound',
      bound_before: profile.state === 'Downloaded' ? 1 : 0,
      bind_digest: digest,
      smdp_sign: smdpSign,
    });
    // Of two eUICCs that come for one MatchingID the first to get here has it.
    const bound = await changeState(profile, 'Downloaded', { ...columns, eid }, unit);
    const progress = { point: 'bppDownload', status: SUCCESS } as const;
    await reportProgress(bound, progress, context, unit);
    await tables.rspLog.insertMany(logRows(call, context));
  });
  call.isLogged = true;
}

async function getOrder(session: RspSessionRow, { store }: Context): Promise<OrderedProfile> {
  const order = await findOrderOfProfile(session.account_sid!, session.iccid!, store);
  if (order === undefined) {
    // The order was cancelled while the session was under way → 8.2 / 3.7
    throw new FunctionExecutionError(
      '8.2',
      '3.7',
      'The profile is no longer available for this download',
    );
  }
  return order;
}

/** Remembers that this session was refused last, for what its device says afterwards. */
async function markRefused(
  session: RspSessionRow,
  digest: string,
  { transact }: Context,
): Promise<void> {
  const marked = { ...session, bind_digest: digest };
  await transact(({ tables }) => tables.rspSessions.advance('authenticated', marked)).catch(
    (error: unknown) => {
      // The session has moved on or has ended, so nothing needs to be remembered.
      if (!(error instanceof Conflict)) throw error;
    },
  );
}
