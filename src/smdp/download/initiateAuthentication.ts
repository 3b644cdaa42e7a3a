// §5.6.1 ES9+.InitiateAuthentication: the SM-DP+ authenticates itself and starts a session. Anyone may call it, so
// nothing is stored.
import type { Context } from '../../context.ts';
import type { EUICCInfo1 } from '../../rsp/definitions/euicc-info.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatTransactionId } from '../../rsp/identifiers.ts';
import { identitiesFor } from '../pki/identities.ts';
import type { SmdpIdentity } from '../pki/pki.ts';
import { newTransactionId, serverChallengeOf } from './begun-session.ts';
import type { Call, Outcome } from './call.ts';
import { entryOf, outcomeOf } from './call.ts';
import { keepFirstEntry } from './first-entries.ts';
import { loggedMessage } from './logged-message.ts';
import type { Greeting, Signed } from './signed.ts';
import { signServerSigned1 } from './signed.ts';

export interface InitiateAuthenticationRequest {
  /** 16 octets. */
  euiccChallenge: Uint8Array;
  euiccInfo1: EUICCInfo1;
  smdpAddress: string;
}

export interface InitiateAuthenticationResponse {
  transactionId: Uint8Array;
  serverSigned1: Signed;
  /** SubjectKeyIdentifier */
  euiccCiPKIdToBeUsed: Uint8Array;
  /** DER of CERT.DPauth.ECDSA */
  serverCertificate: Uint8Array;
}

export function initiateAuthentication(
  request: InitiateAuthenticationRequest,
  call: Call,
  context: Context,
): Promise<Outcome<InitiateAuthenticationResponse>> {
  return outcomeOf(async (learned) => {
    await context.turns.next('begins');
    const { greeting, identity, euiccCiPKId } = greet(request, context);
    const serverSigned1 = await signServerSigned1(greeting, identity);
    const { transactionId } = greeting;
    learned.transactionId = formatTransactionId(transactionId);
    learned.response = loggedMessage('ServerSigned1', serverSigned1.der);
    keepFirstEntry(learned.transactionId, entryOf(call, learned), context);
    const answer = {
      transactionId,
      serverSigned1,
      euiccCiPKIdToBeUsed: euiccCiPKId,
      serverCertificate: identity.dpAuth.certificate.der,
    };
    return { answer, isLogged: false };
  });
}

interface Greeted {
  greeting: Greeting;
  identity: SmdpIdentity;
  euiccCiPKId: Uint8Array;
}

/** The checks of §5.6.1. */
function greet(
  { euiccChallenge, euiccInfo1, smdpAddress }: InitiateAuthenticationRequest,
  context: Context,
): Greeted {
  const { config, pki, now } = context;
  // §5.6.1: the address is not ours → 8.8.1 / 3.8. Letter case is ignored but preserved, because the LPA compares the
  // returned address with the one it sent.
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
      `Version ${euiccInfo1.svn} is not supported; only 2.x is`,
    );
  }
  // §5.6.1: none of the CIs under which the eUICC can sign is accepted → 8.8.2 / 3.1
  const euiccCiPKId = euiccInfo1.euiccCiPKIdListForSigning.find((id) =>
    pki.cis.some(({ extensions }) => isSame(extensions.subjectKeyIdentifier, id)),
  );
  if (euiccCiPKId === undefined) {
    throw new FunctionExecutionError(
      '8.8.2',
      '3.1',
      'None of the CIs under which the eUICC signs is accepted',
    );
  }
  // §5.6.1: none of our certificates is from a CI that the eUICC can verify → 8.8.4 / 3.7
  const identity = chooseIdentity(
    euiccInfo1.euiccCiPKIdListForVerification,
    identitiesFor(pki, now()),
  );
  if (identity === undefined) {
    throw new FunctionExecutionError(
      '8.8.4',
      '3.7',
      'No certificate here is from a CI that the eUICC trusts',
    );
  }
  const transactionId = newTransactionId(
    { euiccCiPKId: hex(euiccCiPKId), dpCiPKId: hex(identity.ciPKId) },
    context,
  );
  const serverChallenge = serverChallengeOf(transactionId, smdpAddress, context);
  const greeting = { transactionId, euiccChallenge, serverAddress: smdpAddress, serverChallenge };
  return { greeting: greeting as Greeting, identity, euiccCiPKId };
}

/** The identity under the first possible CI of the eUICC's list, which is in order of preference. */
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

const hex = (bytes: Uint8Array) => bytes.toHex().toUpperCase();
