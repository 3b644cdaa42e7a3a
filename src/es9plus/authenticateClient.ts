// §5.6.3 ES9+.AuthenticateClient: the eUICC proves who it is, and is told which profile it may have.
import type { Context } from '../context.ts';
import { apiDate } from '../profile/date.ts';
import type { DownloadOrder } from '../profile/download-order.ts';
import {
  checkDownloadAttempts,
  checkDownloadOrder,
  DOWNLOAD_LIMIT,
  findDownloadOrder,
} from '../profile/download-order.ts';
import { checkEligibility } from '../profile/eligibility.ts';
import { checkOrderExpiry } from '../profile/order-expiry.ts';
import { buildProfilePackage } from '../profile/profile-package.ts';
import { digestOf, getSession, unknown } from '../profile/rsp-session.ts';
import type { AuthenticateResponseOk } from '../rsp/definitions/authenticate-server.ts';
import { AuthenticateServerResponse } from '../rsp/definitions/authenticate-server.ts';
import { signature } from '../rsp/definitions/basic-types.ts';
import { SmdpSigned2 } from '../rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { describeMessage } from '../rsp/describe.ts';
import { decodeImei, isMatchingId } from '../rsp/identifiers.ts';
import { authenticateErrorCodes, nameOf } from '../rsp/reasons.ts';
import { RspError } from '../rsp/rsp-error.ts';
import { isSignature } from '../rsp/signature.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Es9Answer, Es9Call, LogEntry } from './es9-call.ts';
import { base64, fromBase64, hex, messageMember, textMember } from './es9-call.ts';
import { identityOf } from './identity.ts';
import { logRows } from './log-rows.ts';
import { verifyEuiccChain } from './verify-euicc.ts';

export async function authenticateClient(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { store, pki } = context;
  const now = context.now();
  const transactionId = textMember(call, 'transactionId');
  call.entry.transaction_id = transactionId.toUpperCase();
  const { value: response, der } = messageMember(
    call,
    'authenticateServerResponse',
    'AuthenticateServerResponse',
    AuthenticateServerResponse,
  );
  const digest = digestOf(der);

  // §5.6.3: the TransactionID is unknown → 8.10.1 / 3.9
  const { session, answered } = await getSession(transactionId, 'initiated', digest, store, now);
  call.earlier = JSON.parse(session.log) as LogEntry[];
  if (answered !== undefined) return JSON.parse(answered) as Es9Answer;

  const { authenticateResponseOk: ok, authenticateResponseError: error } = response;
  if (error !== undefined) {
    if (hex(error.transactionId) !== session.transaction_id) throw unknown();
    await store.transaction((tables) =>
      tables.rspSessions.advance('initiated', { ...session, step: 'ended' }),
    );
    const name = nameOf(authenticateErrorCodes, error.authenticateErrorCode) ?? 'an unknown error';
    throw new RspError('8.1', '6.1', `The eUICC refused the authentication: ${name}`);
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
    throw new RspError('8.1', '6.1', 'euiccSignature1 is wrong');
  }
  checkBelongsTo(session, euiccSigned1);
  const { matchingId = '', deviceInfo } = euiccSigned1.ctxParams1.ctxParamsForCommonAuthentication;
  call.entry.tac = decodeImei(deviceInfo.tac);
  if (deviceInfo.imei !== undefined) call.entry.imei = decodeImei(deviceInfo.imei);

  // §5.6.3: the profile of the MatchingID, or of the EID when there is none → 8.2.6, 8.1.1, 8.2, 8.8.5
  if (!isMatchingId(matchingId)) {
    throw new RspError('8.2.6', '3.8', 'The MatchingID has letters that none can have');
  }
  const order = await findDownloadOrder(matchingId, euicc.eid, store);
  call.about = { accountSid: order.profile.account_sid, esimProfileSid: order.esimProfile.sid };
  checkDownloadOrder(order, euicc.eid);
  await checkOrderExpiry(order, context);
  await checkDownloadAttempts(order, context);
  const { upp, metadata } = await buildProfilePackage(
    order.profile,
    context.config.smdpAddress,
    context.masterKey,
    store,
  );
  // §5.6.3: the eUICC cannot take this profile → 8.2.5 / 4.3, 8.1 / 4.8
  checkEligibility(euiccSigned1.euiccInfo2, metadata, upp.length);

  const identity = identityOf(session, pki);
  const otherOtpk = await bppEuiccOtpk(order, euicc.eid, context);
  const smdpSigned2 = SmdpSigned2.encode({
    transactionId: euiccSigned1.transactionId,
    ccRequiredFlag: order.profile.confirmation_code !== null,
    ...(otherOtpk === undefined ? {} : { bppEuiccOtpk: otherOtpk }),
  });
  const euiccSignature1 = signature.encode(ok.euiccSignature1);
  // §5.6.3: smdpSignature2 covers smdpSigned2 and euiccSignature1.
  const smdpSignature2 = await identity.dpPb.signer.sign(
    Buffer.concat([smdpSigned2, euiccSignature1]),
  );
  const profileMetadata = StoreMetadataRequest.encode(metadata);
  const answer = {
    transactionId: session.transaction_id,
    profileMetadata: base64(profileMetadata),
    smdpSigned2: base64(smdpSigned2),
    smdpSignature2: base64(signature.encode(smdpSignature2)),
    smdpCertificate: base64(identity.dpPb.certificate.der),
  };
  call.entry.response = [
    describeMessage('SmdpSigned2', smdpSigned2),
    describeMessage('StoreMetadataRequest', profileMetadata),
  ].join('\n');

  await store.transaction(async (tables) => {
    await tables.rspSessions.advance('initiated', {
      transaction_id: session.transaction_id,
      step: 'authenticated',
      account_sid: order.profile.account_sid,
      iccid: order.profile.iccid,
      eid: euicc.eid,
      euicc_certificate: base64(ok.euiccCertificate),
      confirmation_required: order.profile.confirmation_code === null ? 0 : 1,
      smdp_signature2: base64(smdpSignature2),
      authenticate_digest: digest,
      authenticate_response: JSON.stringify(answer),
      log: '[]',
    });
    // The attempt counts from here on; two that come at once cannot both be the last one.
    await tables.subscriptions.countDownload(order.profile, DOWNLOAD_LIMIT, apiDate(now));
    await tables.rspLog.insertMany(logRows(call, context));
  });
  call.isLogged = true;
  return answer;
}

/** §5.6.3: what the eUICC signed is the answer to what it was sent. */
function checkBelongsTo(
  session: RspSessionRow,
  signed: AuthenticateResponseOk['euiccSigned1']['value'],
): void {
  // The signed TransactionID is another one → 8.10.1 / 3.9
  if (hex(signed.transactionId) !== session.transaction_id) throw unknown();
  // The signed address or challenge is another one → 8.1 / 6.1
  if (signed.serverAddress !== session.smdp_address) {
    throw new RspError('8.1', '6.1', 'The eUICC signed another server address');
  }
  if (Buffer.compare(signed.serverChallenge, fromBase64(session.server_challenge)) !== 0) {
    throw new RspError('8.1', '6.1', 'The eUICC signed another challenge');
  }
}

/** §5.6.3: the one-time key that the profile is bound to already, when this eUICC comes again. */
async function bppEuiccOtpk(
  { profile }: DownloadOrder,
  eid: string,
  { store }: Context,
): Promise<Uint8Array | undefined> {
  if (profile.state !== 'Downloaded') return undefined;
  const binding = await store.profileBindings.find(profile.account_sid, profile.iccid);
  return binding?.eid === eid ? fromBase64(binding.euicc_otpk) : undefined;
}
