// A small SM-DP+ made only from src/rsp, to test the device without the real server. It verifies what the device
// signs, and sends what a test specifies.
import { randomBytes, sign as cryptoSign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SEED_LENGTH } from '../../src/rsp/binding-keys.ts';
import { bindProfilePackage } from '../../src/rsp/bound-profile-package.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { verifyEuicc, verifyEum, type VerifiedEuicc } from '../../src/rsp/certificate-chain.ts';
import {
  AuthenticateServerResponse,
  ServerSigned1,
} from '../../src/rsp/definitions/authenticate-server.ts';
import { ConfigureISDPRequest } from '../../src/rsp/definitions/bound-profile-package.ts';
import { CancelSessionResponse } from '../../src/rsp/definitions/cancel-session.ts';
import {
  NotificationMetadata,
  PendingNotification,
  type ProfileInstallationResultData,
} from '../../src/rsp/definitions/notification.ts';
import {
  PrepareDownloadResponse,
  SmdpSigned2,
} from '../../src/rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../../src/rsp/definitions/profile-metadata.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { hashConfirmationCode, isHashCc } from '../../src/rsp/hash-cc.ts';
import { encodeEid, encodeIccid, formatTransactionId } from '../../src/rsp/identifiers.ts';
import { createSigner, isSignature } from '../../src/rsp/signature.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { personalise } from '../../src/saip/personalise.ts';
import { EuiccSigned1 } from '../../src/rsp/definitions/authenticate-server.ts';
import { SMDP_OID, testPki, type Issued, type TestPki } from './test-pki.ts';

export const ICCID = '8988211000000000014';
export const IMSI = '001010000000001';
export const K = Uint8Array.from(Buffer.from('465b5ce8b199b49faa5f0a2ee238a6bc', 'hex'));
export const OPC = Uint8Array.from(Buffer.from('cd63cb71954a9f4e48a5994e37a02baf', 'hex'));

export interface SmdpFaults {
  dpAuth?: Issued;
  dpPb?: Issued;
  serverSigned1?: (honest: ServerSigned1) => ServerSigned1;
  smdpSigned2?: (honest: SmdpSigned2) => SmdpSigned2;
  signature?: (name: 'serverSignature1' | 'smdpSignature2', honest: Uint8Array) => Uint8Array;
  euiccCiPKIdToBeUsed?: Uint8Array;
  transactionId?: (honest: string) => string;
  boundProfilePackage?: (honest: Uint8Array) => Uint8Array;
  /** Instead of the session's. */
  packageTransactionId?: Uint8Array;
  metadata?: Partial<StoreMetadataRequest>;
  /** In the package, different from the metadata sent before. */
  packageMetadata?: Partial<StoreMetadataRequest>;
  upp?: Uint8Array;
  failure?: { functionName: string; subjectCode: string; reasonCode: string; message?: string };
}

interface Session {
  readonly transactionId: Uint8Array;
  readonly serverChallenge: Uint8Array;
  euicc?: VerifiedEuicc;
  euiccSignature1?: Uint8Array;
  smdpSignature2?: Uint8Array;
}

export interface SmallSmdpOptions {
  readonly pki?: TestPki;
  readonly confirmationCode?: string;
  /** Profile protection keys instead of the session's. */
  readonly replacesSessionKeys?: boolean;
  readonly faults?: SmdpFaults;
}

export type SmallSmdp = Awaited<ReturnType<typeof startSmallSmdp>>;

export async function startSmallSmdp(options: SmallSmdpOptions = {}) {
  const { pki = testPki(), confirmationCode, replacesSessionKeys = false } = options;
  // TLS stays on P-256, whatever the eUICC's curve.
  const tlsPki = pki.curve === 'prime256v1' ? pki : testPki();
  const tls = tlsPki.server('dpTls');
  const dpAuth = pki.server('dpAuth');
  const dpPb = pki.server('dpPb');
  const sessions = new Map<string, Session>();
  const faults: SmdpFaults = options.faults ?? {};
  const log: {
    calls: string[];
    results: ProfileInstallationResultData[];
    notifications: NotificationMetadata[];
    cancelled: number[];
    matchingIds: (string | undefined)[];
    errors: number[];
    euiccOtpks: string[];
    headers: Record<string, unknown>[];
  } = {
    calls: [],
    results: [],
    notifications: [],
    cancelled: [],
    matchingIds: [],
    errors: [],
    euiccOtpks: [],
    headers: [],
  };
  let address = '';
  let bppEuiccOtpk: Uint8Array | undefined;

  function sign(name: 'serverSignature1' | 'smdpSignature2', key: Issued, bytes: Uint8Array) {
    const honest = signWith(key.privateKey, bytes);
    return encodeTlv(0x5f37, faults.signature?.(name, honest) ?? honest);
  }

  function metadata(faulty: Partial<StoreMetadataRequest> = {}): Uint8Array {
    return StoreMetadataRequest.encode({
      iccid: encodeIccid(ICCID),
      serviceProviderName: 'Simwright',
      profileName: 'Test profile',
      profileClass: 2,
      notificationConfigurationInfo: [
        {
          profileManagementOperation: [
            'notificationEnable',
            'notificationDisable',
            'notificationDelete',
          ],
          notificationAddress: address,
        },
      ],
      ...faults.metadata,
      ...faulty,
    });
  }

  const functions: Record<string, (body: Record<string, string>) => Promise<object> | object> = {
    initiateAuthentication({ euiccChallenge, smdpAddress }) {
      const session = {
        transactionId: Uint8Array.from(randomBytes(16)),
        serverChallenge: Uint8Array.from(randomBytes(16)),
      };
      sessions.set(formatTransactionId(session.transactionId), session);
      const honest = {
        transactionId: session.transactionId,
        euiccChallenge: bytesOf(euiccChallenge),
        serverAddress: smdpAddress ?? '',
        serverChallenge: session.serverChallenge,
      };
      const serverSigned1 = ServerSigned1.encode(faults.serverSigned1?.(honest) ?? honest);
      const certificate = faults.dpAuth ?? dpAuth;
      const { subjectKeyIdentifier } = parseCertificate(pki.ci.der).extensions;
      return {
        transactionId: formatTransactionId(session.transactionId),
        serverSigned1: text(serverSigned1),
        serverSignature1: text(sign('serverSignature1', certificate, serverSigned1)),
        euiccCiPKIdToBeUsed: text(
          encodeTlv(0x04, faults.euiccCiPKIdToBeUsed ?? subjectKeyIdentifier ?? new Uint8Array()),
        ),
        serverCertificate: text(certificate.der),
      };
    },

    authenticateClient({ transactionId = '', authenticateServerResponse }) {
      const session = find(transactionId);
      const response = AuthenticateServerResponse.decode(bytesOf(authenticateServerResponse));
      const { authenticateResponseOk: ok, authenticateResponseError } = response;
      if (ok === undefined) {
        log.errors.push(authenticateResponseError.authenticateErrorCode);
        throw new Refusal('8.1', '6.1');
      }
      const now = { now: new Date() };
      const eum = verifyEum(parseCertificate(ok.eumCertificate), parseCertificate(pki.ci.der), now);
      session.euicc = verifyEuicc(parseCertificate(ok.euiccCertificate), eum, now);
      const { value, der } = ok.euiccSigned1;
      const isRight =
        isSignature(session.euicc.publicKey, ok.euiccSignature1, der) &&
        Buffer.compare(value.serverChallenge, session.serverChallenge) === 0 &&
        EuiccSigned1.decode(der).serverAddress === address;
      if (!isRight) throw new Refusal('8.1', '6.1');
      log.matchingIds.push(value.ctxParams1.ctxParamsForCommonAuthentication.matchingId);
      session.euiccSignature1 = encodeTlv(0x5f37, ok.euiccSignature1);
      const honest = {
        transactionId: session.transactionId,
        ccRequiredFlag: confirmationCode !== undefined,
        ...(bppEuiccOtpk === undefined ? {} : { bppEuiccOtpk }),
      };
      const smdpSigned2 = SmdpSigned2.encode(faults.smdpSigned2?.(honest) ?? honest);
      const certificate = faults.dpPb ?? dpPb;
      const signed = Buffer.concat([smdpSigned2, session.euiccSignature1]);
      session.smdpSignature2 = sign('smdpSignature2', certificate, signed);
      return {
        transactionId: faults.transactionId?.(transactionId) ?? transactionId,
        profileMetadata: text(metadata()),
        smdpSigned2: text(smdpSigned2),
        smdpSignature2: text(session.smdpSignature2),
        smdpCertificate: text(certificate.der),
      };
    },

    async getBoundProfilePackage({ transactionId = '', prepareDownloadResponse }) {
      const session = find(transactionId);
      const { downloadResponseOk: ok, downloadResponseError } = PrepareDownloadResponse.decode(
        bytesOf(prepareDownloadResponse),
      );
      if (ok === undefined) {
        log.errors.push(downloadResponseError.downloadErrorCode);
        throw new Refusal('8.1', '6.1');
      }
      const { euicc, smdpSignature2 = new Uint8Array() } = session;
      const { value, der } = ok.euiccSigned2;
      if (!euicc || !isSignature(euicc.publicKey, ok.euiccSignature2, der, smdpSignature2)) {
        throw new Refusal('8.1', '6.1');
      }
      if (confirmationCode !== undefined) {
        const hash = hashConfirmationCode(confirmationCode);
        if (!value.hashCc) throw new Refusal('8.2.7', '2.2');
        if (!isHashCc(value.hashCc, hash, session.transactionId)) throw new Refusal('8.2.7', '3.8');
      }
      bppEuiccOtpk = value.euiccOtpk.slice();
      log.euiccOtpks.push(Buffer.from(bppEuiccOtpk).toString('hex'));
      const upp = faults.upp ?? testProfile();
      const boundProfilePackage = await bindProfilePackage({
        transactionId: faults.packageTransactionId ?? session.transactionId,
        hostId: Uint8Array.of(1, 2, 3),
        eid: encodeEid(euicc.eid),
        euiccOtpk: value.euiccOtpk,
        seed: randomBytes(SEED_LENGTH),
        signer: createSigner((faults.dpPb ?? dpPb).privateKey),
        configureISDPRequest: ConfigureISDPRequest.encode({
          dpProprietaryData: { dpOid: SMDP_OID },
        }),
        storeMetadataRequest: metadata(faults.packageMetadata),
        upp,
        usesSessionKeys: !replacesSessionKeys,
      });
      return {
        transactionId,
        boundProfilePackage: text(
          faults.boundProfilePackage?.(boundProfilePackage) ?? boundProfilePackage,
        ),
      };
    },

    handleNotification({ pendingNotification }) {
      const { profileInstallationResult: result, otherSignedNotification: other } =
        PendingNotification.decode(bytesOf(pendingNotification));
      if (result !== undefined) {
        const { value, der } = result.profileInstallationResultData;
        const { euicc } = find(formatTransactionId(value.transactionId));
        if (euicc && isSignature(euicc.publicKey, result.euiccSignPIR, der)) {
          log.results.push(value);
        }
      } else {
        const now = { now: new Date() };
        const ci = parseCertificate(pki.ci.der);
        const eum = verifyEum(parseCertificate(other.eumCertificate), ci, now);
        const euicc = verifyEuicc(parseCertificate(other.euiccCertificate), eum, now);
        const { value, der } = other.tbsOtherNotification;
        if (isSignature(euicc.publicKey, other.euiccNotificationSignature, der)) {
          log.notifications.push(value);
        }
      }
      return {};
    },

    cancelSession({ transactionId = '', cancelSessionResponse }) {
      const { euicc } = find(transactionId);
      const { cancelSessionResponseOk: ok } = CancelSessionResponse.decode(
        bytesOf(cancelSessionResponse),
      );
      if (ok === undefined) return {};
      const { value, der } = ok.euiccCancelSessionSigned;
      if (!euicc || !isSignature(euicc.publicKey, ok.euiccCancelSessionSignature, der)) {
        throw new Refusal('8.1', '6.1');
      }
      if (value.smdpOid !== SMDP_OID) throw new Refusal('8.8', '3.10');
      log.cancelled.push(value.reason);
      return {};
    },
  };

  function find(transactionId: string): Session {
    const session = sessions.get(transactionId.toUpperCase());
    if (session === undefined) throw new Refusal('8.10.1', '3.9');
    return session;
  }

  async function answer(functionName: string, body: string): Promise<object> {
    try {
      const { failure } = faults;
      if (failure?.functionName === functionName) {
        throw new Refusal(failure.subjectCode, failure.reasonCode);
      }
      const members = await functions[functionName]!(JSON.parse(body) as Record<string, string>);
      return { header: status(), ...members };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        return {
          header: status({ subjectCode: '8.1', reasonCode: '6.1', message: String(error) }),
        };
      }
      const { subjectCode, reasonCode } = error;
      return { header: status({ subjectCode, reasonCode }) };
    }
  }

  const server = createServer({ key: pem(tls), cert: pem(tls, 'der') }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const functionName = (request.url ?? '').split('/').at(-1) ?? '';
      log.calls.push(functionName);
      log.headers.push(request.headers);
      void answer(functionName, Buffer.concat(chunks).toString()).then((result) => {
        if (functionName === 'handleNotification') response.writeHead(204).end();
        else response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  address = `localhost:${port}`;
  return {
    address,
    pki,
    tlsCis: [tlsPki.ci.der],
    faults,
    log,
    activationCode: (matchingId = 'ABC-123') => `LPA:1$${address}$${matchingId}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function status(statusCodeData?: object) {
  return {
    functionExecutionStatus: {
      status: statusCodeData === undefined ? 'Executed-Success' : 'Failed',
      ...(statusCodeData === undefined ? {} : { statusCodeData }),
    },
  };
}

class Refusal extends Error {
  readonly subjectCode: string;
  readonly reasonCode: string;

  constructor(subjectCode: string, reasonCode: string) {
    super(`${subjectCode}/${reasonCode}`);
    this.subjectCode = subjectCode;
    this.reasonCode = reasonCode;
  }
}

export function testProfile(iccid = ICCID): Uint8Array {
  return personalise(defaultTemplate(), {
    iccid,
    imsi: IMSI,
    mncLength: 2,
    aka: { algorithm: 'milenage', k: K, opc: OPC },
  });
}

function signWith(privateKey: KeyObject, bytes: Uint8Array): Uint8Array {
  return cryptoSign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(base64 = ''): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

function pem({ privateKey, der }: Issued, what: 'key' | 'der' = 'key'): string {
  if (what === 'key') return privateKey.export({ format: 'pem', type: 'pkcs8' });
  return `-----BEGIN CERTIFICATE-----\n${text(der)}\n-----END CERTIFICATE-----\n`;
}
