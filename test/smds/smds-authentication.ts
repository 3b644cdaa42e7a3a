// ES11 of an SM-DS for tests (§5.8): both sides authenticate each other, as in ES9+ but with CERT.DSauth.
import { randomBytes } from 'node:crypto';
import { verifyEuicc, verifyEum } from '../../src/rsp/certificate-chain.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import {
  AuthenticateServerResponse,
  ServerSigned1,
} from '../../src/rsp/definitions/authenticate-server.ts';
import { EUICCInfo1 } from '../../src/rsp/definitions/euicc-info.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { FunctionExecutionError } from '../../src/rsp/function-execution-error.ts';
import { formatTransactionId } from '../../src/rsp/identifiers.ts';
import { createSigner, isSignature } from '../../src/rsp/signature.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import type { Issued } from './smds-certificates.ts';
import type { SmdsEvents } from './smds-events.ts';

type Body = Record<string, unknown>;

export class SmdsAuthentication {
  readonly #challenges = new Map<string, Uint8Array>();
  readonly #ci: Issued;
  readonly #dsAuth: Issued;
  readonly #events: SmdsEvents;
  readonly #address: () => string;

  constructor(ci: Issued, dsAuth: Issued, events: SmdsEvents, address: () => string) {
    this.#ci = ci;
    this.#dsAuth = dsAuth;
    this.#events = events;
    this.#address = address;
  }

  /** §5.8.1; the member with the address is named as in ES9+ (§6.5.2). */
  initiateAuthentication({ euiccChallenge, euiccInfo1, smdpAddress }: Body): object {
    const serverAddress = String(smdpAddress);
    if (serverAddress.toLowerCase() !== this.#address().toLowerCase()) {
      throw new FunctionExecutionError('8.9.1', '3.8');
    }
    const info = EUICCInfo1.decode(bytesOf(euiccInfo1));
    if (!info.svn.startsWith('2.')) throw new FunctionExecutionError('8.9.3', '3.1');
    const ciPKId = parseCertificate(this.#ci.der).extensions.subjectKeyIdentifier!;
    const isKnown = (ids: readonly Uint8Array[]) =>
      ids.some((id) => Buffer.compare(id, ciPKId) === 0);
    if (!isKnown(info.euiccCiPKIdListForVerification)) {
      throw new FunctionExecutionError('8.9.4', '3.7');
    }
    if (!isKnown(info.euiccCiPKIdListForSigning)) throw new FunctionExecutionError('8.9.2', '3.1');
    const transactionId = Uint8Array.from(randomBytes(16));
    const serverChallenge = Uint8Array.from(randomBytes(16));
    this.#challenges.set(formatTransactionId(transactionId), serverChallenge);
    const serverSigned1 = ServerSigned1.encode({
      transactionId,
      euiccChallenge: bytesOf(euiccChallenge),
      serverAddress,
      serverChallenge,
    });
    const signature = createSigner(this.#dsAuth.privateKey).sign(serverSigned1);
    return {
      transactionId: formatTransactionId(transactionId),
      serverSigned1: text(serverSigned1),
      serverSignature1: text(encodeTlv(0x5f37, signature)),
      euiccCiPKIdToBeUsed: text(encodeTlv(0x04, ciPKId)),
      serverCertificate: text(this.#dsAuth.der),
    };
  }

  /** §5.8.2 */
  authenticateClient({ transactionId, authenticateServerResponse }: Body): object {
    const id = String(transactionId);
    const challenge = this.#challenges.get(id);
    this.#challenges.delete(id);
    if (challenge === undefined) throw new FunctionExecutionError('8.10.1', '3.9');
    const { authenticateResponseOk: ok } = AuthenticateServerResponse.decode(
      bytesOf(authenticateServerResponse),
    );
    if (ok === undefined) throw new FunctionExecutionError('8.1', '6.1');
    const euicc = verified(() => {
      const now = { now: new Date() };
      const ci = parseCertificate(this.#ci.der);
      const eum = verifyEum(parseCertificate(ok.eumCertificate), ci, now);
      return verifyEuicc(parseCertificate(ok.euiccCertificate), eum, now);
    });
    const { value, der } = ok.euiccSigned1;
    const isRight =
      isSignature(euicc.publicKey, ok.euiccSignature1, der) &&
      Buffer.compare(value.serverChallenge, challenge) === 0 &&
      formatTransactionId(value.transactionId) === id &&
      value.serverAddress.toLowerCase() === this.#address().toLowerCase();
    if (!isRight) throw new FunctionExecutionError('8.1', '6.1');
    const { matchingId = '' } = value.ctxParams1.ctxParamsForCommonAuthentication;
    return { transactionId: id, eventEntries: this.#events.of(euicc.eid, matchingId) };
  }
}

function verified<T>(verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    if (error instanceof VerifyError) throw new FunctionExecutionError('8.1.3', '6.1');
    throw error;
  }
}

const bytesOf = (value: unknown) => Uint8Array.from(Buffer.from(String(value), 'base64'));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
