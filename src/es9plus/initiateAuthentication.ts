// §5.6.1 ES9+.InitiateAuthentication: the SM-DP+ proves who it is, and begins a session. Anybody may call it, so
// nothing is stored.
import type { Context } from '../context.ts';
import type { SmdpIdentity } from '../smdp/pki/pki.ts';
import { loggedMessage } from '../smdp/download/logged-message.ts';
import { newTransactionId, serverChallengeOf } from '../smdp/download/begun-session.ts';
import { ServerSigned1 } from '../rsp/definitions/authenticate-server.ts';
import { EUICCInfo1 } from '../rsp/definitions/euicc-info.ts';
import { SubjectKeyIdentifier, signature } from '../rsp/definitions/basic-types.ts';
import { formatTransactionId } from '../rsp/identifiers.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { Es9Answer, Es9Call } from './es9-call.ts';
import { base64, bytesMember, hex, messageMember, textMember } from './es9-call.ts';
import { keepFirstEntry } from './first-entries.ts';

const CI_LIMIT = 32;
const EUICC_INFO1_LIMIT = 2048;

export async function initiateAuthentication(call: Es9Call, context: Context): Promise<Es9Answer> {
  const { config, pki } = context;
  const euiccChallenge = bytesMember(call, 'euiccChallenge');
  if (euiccChallenge.length !== 16) {
    throw new FunctionExecutionError(
      '1.6',
      '2.1',
      'euiccChallenge must have 16 octets',
      'euiccChallenge',
    );
  }
  const { value: euiccInfo1, der } = messageMember(call, 'euiccInfo1', 'EUICCInfo1', EUICCInfo1);
  checkSize(euiccInfo1, der);
  const smdpAddress = textMember(call, 'smdpAddress');

  // §5.6.1: the address is not ours → 8.8.1 / 3.8. Letter case does not matter, but is kept: the LPA
  // compares what it gets back with what it has sent.
  if (smdpAddress.toLowerCase() !== config.smdpAddress.toLowerCase()) {
    throw new FunctionExecutionError(
      '8.8.1',
      '3.8',
      `This SM-DP+ is ${config.smdpAddress}, not ${smdpAddress}`,
      smdpAddress,
    );
  }
  // §5.6.1: the eUICC's version is not supported → 8.8.3 / 3.1
  if (!euiccInfo1.svn.startsWith('2.')) {
    throw new FunctionExecutionError(
      '8.8.3',
      '3.1',
      `Version ${euiccInfo1.svn} is not supported; 2.x is`,
    );
  }
  // §5.6.1: no certificate of ours comes from a CI that the eUICC can verify → 8.8.4 / 3.7
  const identity = chooseIdentity(euiccInfo1.euiccCiPKIdListForVerification, pki.identities);
  if (identity === undefined) {
    throw new FunctionExecutionError(
      '8.8.4',
      '3.7',
      'No certificate here is of a CI that the eUICC knows',
    );
  }
  // §5.6.1: no CI that the eUICC can sign under is accepted → 8.8.2 / 3.1
  const euiccCiPKId = euiccInfo1.euiccCiPKIdListForSigning.find((id) =>
    pki.cis.some(({ extensions }) => isSame(extensions.subjectKeyIdentifier, id)),
  );
  if (euiccCiPKId === undefined) {
    throw new FunctionExecutionError(
      '8.8.2',
      '3.1',
      'No CI that the eUICC signs under is accepted',
    );
  }

  const transactionId = newTransactionId(
    { euicc_ci_pk_id: hex(euiccCiPKId), dp_ci_pk_id: hex(identity.ciPKId) },
    context,
  );
  const serverChallenge = serverChallengeOf(transactionId, smdpAddress, context);
  const serverSigned1 = ServerSigned1.encode({
    transactionId,
    euiccChallenge,
    serverAddress: smdpAddress,
    serverChallenge,
  });
  const serverSignature1 = await identity.dpAuth.signer.sign(serverSigned1);

  call.entry.transaction_id = formatTransactionId(transactionId);
  call.entry.response = loggedMessage('ServerSigned1', serverSigned1);
  keepFirstEntry(call, context);
  return {
    transactionId: formatTransactionId(transactionId),
    serverSigned1: base64(serverSigned1),
    serverSignature1: base64(signature.encode(serverSignature1)),
    euiccCiPKIdToBeUsed: base64(SubjectKeyIdentifier.encode(euiccCiPKId)),
    serverCertificate: base64(identity.dpAuth.certificate.der),
  };
}

/** eUICCs name a handful of CIs; whoever names hundreds is none. → 1.6 / 2.1 */
function checkSize(euiccInfo1: EUICCInfo1, der: Uint8Array): void {
  const { euiccCiPKIdListForVerification, euiccCiPKIdListForSigning } = euiccInfo1;
  const count = Math.max(euiccCiPKIdListForVerification.length, euiccCiPKIdListForSigning.length);
  if (count <= CI_LIMIT && der.length <= EUICC_INFO1_LIMIT) return;
  const limits = `${CI_LIMIT} CIs a list and ${EUICC_INFO1_LIMIT} octets`;
  throw new FunctionExecutionError(
    '1.6',
    '2.1',
    `euiccInfo1 is too long: at most ${limits}`,
    'euiccInfo1',
  );
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
