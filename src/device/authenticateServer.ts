// ES10b.AuthenticateServer, §5.7.13: the eUICC verifies the server and authenticates itself.
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import { findSmdpOid, hasRole, verifyServer } from '../rsp/certificate-chain.ts';
import {
  AuthenticateServerRequest,
  AuthenticateServerResponse,
  EuiccSigned1,
} from '../rsp/definitions/authenticate-server.ts';
import { encodeTlv } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import { encoded } from '../rsp/encoded.ts';
import { authenticateErrorCodes, type AuthenticateErrorCode } from '../rsp/reasons.ts';
import { isSignature } from '../rsp/signature.ts';
import { VerifyError } from '../rsp/verify-error.ts';
import { euiccInfo2 } from './euicc-info.ts';
import { findCi, findCredential, signAs, type Euicc } from './euicc.ts';
import type { EuiccSession } from './session.ts';

class Refusal extends Error {
  readonly code: AuthenticateErrorCode;

  constructor(code: AuthenticateErrorCode) {
    super(code);
    this.code = code;
  }
}

/** DER in, DER out. Throws `DerError` for a malformed request. */
export function authenticateServer(euicc: Euicc, der: Uint8Array): Uint8Array {
  const request = AuthenticateServerRequest.decode(der);
  euicc.session = undefined;
  try {
    const { authenticateErrorCode } = euicc.misbehaviour;
    if (authenticateErrorCode !== undefined) throw new Refusal(authenticateErrorCode);
    const server = verifyRequest(euicc, request);
    return accept(euicc, request, server);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return AuthenticateServerResponse.encode({
      authenticateResponseError: {
        transactionId: request.serverSigned1.value.transactionId,
        authenticateErrorCode: authenticateErrorCodes[error.code],
      },
    });
  }
}

interface VerifiedServer {
  readonly certificate: Certificate;
  readonly ci: Certificate;
  readonly smdpOid: string;
}

function verifyRequest(euicc: Euicc, request: AuthenticateServerRequest): VerifiedServer {
  const { serverSigned1, serverSignature1, euiccCiPKIdToBeUsed } = request;
  // §5.7.13: CERT.DPauth or CERT.DSauth is valid, and from a trusted CI.
  const server = verifyCertificate(euicc, request.serverCertificate);
  const isTrusted =
    euicc.misbehaviour.trustsEverything === true ||
    isSignature(server.certificate.publicKey, serverSignature1, serverSigned1.der);
  if (!isTrusted) throw new Refusal('invalidSignature');
  // §5.7.13: the message answers our challenge, which is used only once.
  const { euiccChallenge } = euicc;
  if (euiccChallenge === undefined) throw new Refusal('noSessionContext');
  if (Buffer.compare(serverSigned1.value.euiccChallenge, euiccChallenge) !== 0) {
    throw new Refusal('euiccChallengeMismatch');
  }
  // §5.7.13: we have the key with which the server wants us to sign.
  if (findCredential(euicc, euiccCiPKIdToBeUsed) === undefined) throw new Refusal('ciPKUnknown');
  return server;
}

function verifyCertificate(euicc: Euicc, der: Uint8Array): VerifiedServer {
  try {
    const certificate = parseCertificate(der);
    const ci = findCi(euicc, certificate);
    if (ci === undefined) throw new Refusal('ciPKUnknown');
    if (euicc.misbehaviour.trustsEverything !== true) {
      const role = hasRole(certificate, 'dsAuth') ? 'dsAuth' : 'dpAuth';
      verifyServer(certificate, role, ci, { now: euicc.now() });
    }
    return { certificate, ci, smdpOid: findSmdpOid(certificate) ?? '' };
  } catch (error) {
    if (error instanceof DerError) throw new Refusal('invalidCertificate');
    if (!(error instanceof VerifyError)) throw error;
    throw new Refusal(codeOf(error));
  }
}

function codeOf({ failure }: VerifyError): AuthenticateErrorCode {
  if (failure === 'curve') return 'unsupportedCurve';
  if (failure === 'role' || failure === 'smdp-oid') return 'invalidOid';
  return 'invalidCertificate';
}

function accept(
  euicc: Euicc,
  request: AuthenticateServerRequest,
  { ci, smdpOid }: VerifiedServer,
): Uint8Array {
  const { transactionId, serverAddress, serverChallenge } = request.serverSigned1.value;
  const credential =
    euicc.misbehaviour.credential ?? findCredential(euicc, request.euiccCiPKIdToBeUsed);
  if (credential === undefined) throw new Refusal('ciPKUnknown');
  const honest: EuiccSigned1 = {
    transactionId,
    serverAddress,
    serverChallenge,
    euiccInfo2: euiccInfo2(euicc),
    ctxParams1: request.ctxParams1,
  };
  const euiccSigned1 = encoded(EuiccSigned1, euicc.misbehaviour.euiccSigned1?.(honest) ?? honest);
  const euiccSignature1 = signAs(euicc, credential, 'euiccSignature1', euiccSigned1.der);
  const session: EuiccSession = {
    transactionId: transactionId.slice(),
    serverAddress,
    smdpOid,
    ci,
    credential,
    euiccSignature1: encodeTlv(0x5f37, euiccSignature1),
  };
  euicc.euiccChallenge = undefined;
  euicc.session = session;
  const { euiccCertificate, eumCertificate } = credential;
  return AuthenticateServerResponse.encode({
    authenticateResponseOk: { euiccSigned1, euiccSignature1, euiccCertificate, eumCertificate },
  });
}
