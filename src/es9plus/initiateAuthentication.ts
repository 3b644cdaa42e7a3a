// §5.6.1 ES9+.InitiateAuthentication: the SM-DP+ proves who it is, and begins a session.
import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import type { SmdpIdentity } from '../profile/pki.ts';
import { loggedMessage } from '../profile/logged-message.ts';
import { SESSION_LIFETIME_MS } from '../profile/rsp-session.ts';
import { ServerSigned1 } from '../rsp/definitions/authenticate-server.ts';
import { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import { SubjectKeyIdentifier, signature } from '../rsp/definitions/basic-types.ts';
import { formatTransactionId } from '../rsp/identifiers.ts';
import { RspError } from '../rsp/rsp-error.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { base64, bytesMember, hex, messageMember, textMember } from './es9-call.ts';

export async function initiateAuthentication(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { config, pki, store } = context;
  const euiccChallenge = bytesMember(call, 'euiccChallenge');
  if (euiccChallenge.length !== 16) {
    throw new RspError('1.6', '2.1', 'euiccChallenge must have 16 octets', 'euiccChallenge');
  }
  const { value: euiccInfo1 } = messageMember(call, 'euiccInfo1', 'EUICCInfo1', EUICCInfo1);
  const smdpAddress = textMember(call, 'smdpAddress');

  // §5.6.1: the address is not ours → 8.8.1 / 3.8. Letter case does not matter, but is kept: the LPA
  // compares what it gets back with what it has sent.
  if (smdpAddress.toLowerCase() !== config.smdpAddress.toLowerCase()) {
    throw new RspError(
      '8.8.1',
      '3.8',
      `This SM-DP+ is ${config.smdpAddress}, not ${smdpAddress}`,
      smdpAddress,
    );
  }
  // §5.6.1: the eUICC's version is not supported → 8.8.3 / 3.1
  if (!euiccInfo1.svn.startsWith('2.')) {
    throw new RspError('8.8.3', '3.1', `Version ${euiccInfo1.svn} is not supported; 2.x is`);
  }
  // §5.6.1: no certificate of ours comes from a CI that the eUICC can verify → 8.8.4 / 3.7
  const identity = chooseIdentity(euiccInfo1.euiccCiPKIdListForVerification, pki.identities);
  if (identity === undefined) {
    throw new RspError('8.8.4', '3.7', 'No certificate here is of a CI that the eUICC knows');
  }
  // §5.6.1: no CI that the eUICC can sign under is accepted → 8.8.2 / 3.1
  const euiccCiPKId = euiccInfo1.euiccCiPKIdListForSigning.find((id) =>
    pki.cis.some(({ extensions }) => isSame(extensions.subjectKeyIdentifier, id)),
  );
  if (euiccCiPKId === undefined) {
    throw new RspError('8.8.2', '3.1', 'No CI that the eUICC signs under is accepted');
  }

  const transactionId = Uint8Array.from(randomBytes(16));
  const serverChallenge = Uint8Array.from(randomBytes(16));
  const serverSigned1 = ServerSigned1.encode({
    transactionId,
    euiccChallenge,
    serverAddress: smdpAddress,
    serverChallenge,
  });
  const serverSignature1 = await identity.dpAuth.signer.sign(serverSigned1);

  const now = context.now();
  call.entry.transaction_id = formatTransactionId(transactionId);
  call.entry.response = loggedMessage('ServerSigned1', serverSigned1);
  await store.append((tables) =>
    tables.rspSessions.insert({
      transaction_id: formatTransactionId(transactionId),
      step: 'initiated',
      server_challenge: base64(serverChallenge),
      smdp_address: smdpAddress,
      euicc_ci_pk_id: hex(euiccCiPKId),
      dp_ci_pk_id: hex(identity.ciPKId),
      account_sid: null,
      iccid: null,
      eid: null,
      euicc_certificate: null,
      bound_before: 0,
      confirmation_required: 0,
      smdp_signature2: null,
      authenticate_digest: null,
      bpp_euicc_otpk: null,
      bind_digest: null,
      smdp_sign: null,
      log: JSON.stringify([call.entry]),
      date_created: now.toISOString(),
      date_expires: new Date(now.getTime() + SESSION_LIFETIME_MS).toISOString(),
    }),
  );
  return {
    transactionId: formatTransactionId(transactionId),
    serverSigned1: base64(serverSigned1),
    serverSignature1: base64(signature.encode(serverSignature1)),
    euiccCiPKIdToBeUsed: base64(SubjectKeyIdentifier.encode(euiccCiPKId)),
    serverCertificate: base64(identity.dpAuth.certificate.der),
  };
}

/** The identity under the first CI of the eUICC's list: the list is in the order of its preference. */
function chooseIdentity(
  ciPKIds: readonly Uint8Array[],
  identities: readonly SmdpIdentity[],
): SmdpIdentity | undefined {
  for (const id of ciPKIds) {
    const found = identities.find(({ ciPKId }) => isSame(ciPKId, id));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
