// §5.6.3 ES9+.AuthenticateClient: the eUICC proves who it is, and is told which profile it may have.
import type { Context } from '../context.ts';
import { endBegunSession, serverChallengeOf } from '../smdp/download/begun-session.ts';
import { countDownload } from '../smdp/profile-state.ts';
import type { OrderedProfile } from '../store/ordered-profiles.ts';
import {
  aboutOf,
  DOWNLOAD_LIMIT,
  findOrderOfProfile,
  getOrderedProfile,
} from '../smdp/download/ordered-profile.ts';
import { checkEligibility } from '../smdp/download/eligibility.ts';
import { loggedMessage } from '../smdp/download/logged-message.ts';
import { buildProfilePackage } from '../smdp/package/profile-package.ts';
import { unknown } from '../smdp/download/rsp-session.ts';
import type { AuthenticateResponseOk } from '../rsp/definitions/authenticate-server.ts';
import { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import { signature } from '../rsp/definitions/basic-types.ts';
import { decodeImei, isMatchingId } from '../rsp/identifiers.ts';
import { authenticateErrorCodes, nameOf } from '../rsp/reasons.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { isSignature } from '../rsp/signature.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { base64, hex } from './es9-call.ts';
import { earlierEntries } from './first-entries.ts';
import { identityOf } from './identity.ts';
import { logRows } from './log-rows.ts';
import { readSessionCall } from './session-call.ts';
import { authenticatedAnswer, encodeSmdpSigned2 } from './smdp-signed2.ts';
import { verifyEuiccChain } from './verify-euicc.ts';

export async function authenticateClient(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { store, transact, pki } = context;
  const now = context.now();
  const found = await readSessionCall(
    call,
    'initiated',
    'AuthenticateServerResponse',
    AuthenticateServerResponse,
    context,
  );
  const { response, digest, session } = found;
  if (found.isRepeated) return answerAgain(session, context);
  call.earlier = earlierEntries(session, context);

  const { authenticateResponseOk: ok, authenticateResponseError: error } = response;
  if (error !== undefined) {
    if (hex(error.transactionId) !== session.transaction_id) throw unknown();
    endBegunSession(session, context);
    const name = nameOf(authenticateErrorCodes, error.authenticateErrorCode) ?? 'an unknown error';
    throw new FunctionExecutionError('8.1', '6.1', `The eUICC refused the authentication: ${name}`);
  }

  // §5.6.3: certificates → 8.11.1, 8.1.2, 8.1.3
  const euicc = verifyEuiccChain(
    ok.euiccCertificate,
    ok.eumCertificate,
    session.euicc_ci_pk_id,
    pki,
    now,
  );
  call.entry.eid = euicc.eid;
  const { value: euiccSigned1, der: signedBytes } = ok.euiccSigned1;
  // §5.6.3: euiccSignature1 is wrong → 8.1 / 6.1
  if (!isSignature(euicc.publicKey, ok.euiccSignature1, signedBytes)) {
    throw new FunctionExecutionError('8.1', '6.1', 'euiccSignature1 is wrong');
  }
  checkBelongsTo(session, euiccSigned1, context);
  const { matchingId = '', deviceInfo } = euiccSigned1.ctxParams1.ctxParamsForCommonAuthentication;
  call.entry.tac = decodeImei(deviceInfo.tac);
  if (deviceInfo.imei !== undefined) call.entry.imei = decodeImei(deviceInfo.imei);

  // §5.6.3: the profile of the MatchingID, or of the EID when there is none → 8.2.6, 8.1.1, 8.2, 8.8.5
  if (!isMatchingId(matchingId)) {
    throw new FunctionExecutionError(
      '8.2.6',
      '3.8',
      'The MatchingID has letters that none can have',
    );
  }
  const order = await getOrderedProfile(matchingId, euicc.eid, context, (looked) => {
    call.about = aboutOf(looked.profile);
  });
  const { upp, metadata, storeMetadataRequest } = await buildProfilePackage(
    order.profile,
    context.config.smdpAddress,
    context.masterKey,
    store,
    order.versions,
  );
  // §5.6.3: the eUICC cannot take this profile → 8.2.5 / 4.3, 8.1 / 4.8
  checkEligibility(euiccSigned1.euiccInfo2, metadata, upp.length);

  const identity = identityOf(session, pki);
  const { transaction_id } = session;
  const offered = {
    transaction_id,
    confirmation_required: order.profile.confirmation_code === null ? (0 as const) : (1 as const),
    bpp_euicc_otpk: bppEuiccOtpk(order, euicc.eid),
  };
  // §5.6.3: smdpSignature2 covers smdpSigned2 and euiccSignature1.
  const smdpSignature2 = await identity.dpPb.signer.sign(
    Buffer.concat([encodeSmdpSigned2(offered), signature.encode(ok.euiccSignature1)]),
  );
  const advanced = { ...offered, smdp_signature2: base64(smdpSignature2) };
  const answer = authenticatedAnswer(advanced, storeMetadataRequest, identity);
  call.entry.response = [
    loggedMessage('SmdpSigned2', encodeSmdpSigned2(offered)),
    loggedMessage('StoreMetadataRequest', storeMetadataRequest),
  ].join('\n');

  await transact(async (unit) => {
    const { tables } = unit;
    await tables.rspSessions.insert({
      ...session,
      ...advanced,
      step: 'authenticated',
      account_sid: order.profile.account_sid,
      iccid: order.profile.iccid,
      eid: euicc.eid,
      euicc_certificate: base64(ok.euiccCertificate),
      authenticate_digest: digest,
    });
    // The attempt counts from here on; two that come at once cannot both be the last one.
    await countDownload(order.profile, DOWNLOAD_LIMIT, unit);
    await tables.rspLog.insertMany(logRows(call, context));
  });
  call.isLogged = true;
  return answer;
}

/** What was offered and signed lies in the session, the rest can be made again. */
async function answerAgain(session: RspSessionRow, context: Context): Promise<Es9Answer> {
  const { config, masterKey, pki, store } = context;
  const order = await findOrderOfProfile(session.account_sid!, session.iccid!, store);
  if (order === undefined) throw unknown();
  const { storeMetadataRequest } = await buildProfilePackage(
    order.profile,
    config.smdpAddress,
    masterKey,
    store,
    order.versions,
  );
  return authenticatedAnswer(session, storeMetadataRequest, identityOf(session, pki));
}

/** §5.6.3: what the eUICC signed is the answer to what it was sent. */
function checkBelongsTo(
  session: RspSessionRow,
  signed: AuthenticateResponseOk['euiccSigned1']['value'],
  context: Context,
): void {
  // The signed TransactionID is another one → 8.10.1 / 3.9
  if (hex(signed.transactionId) !== session.transaction_id) throw unknown();
  // The signed address or challenge is another one → 8.1 / 6.1
  if (signed.serverAddress.toLowerCase() !== context.config.smdpAddress.toLowerCase()) {
    throw new FunctionExecutionError('8.1', '6.1', 'The eUICC signed another server address');
  }
  const challenge = serverChallengeOf(signed.transactionId, signed.serverAddress, context);
  if (Buffer.compare(signed.serverChallenge, challenge) !== 0) {
    throw new FunctionExecutionError('8.1', '6.1', 'The eUICC signed another challenge');
  }
}

/** §5.6.3: the one-time key that the profile is bound to already, when this eUICC comes again. */
function bppEuiccOtpk({ profile }: OrderedProfile, eid: string): string | null {
  return profile.state === 'Downloaded' && profile.eid === eid ? profile.euicc_otpk : null;
}
