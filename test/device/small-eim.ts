// A small eIM made only from src/rsp and src/eim, to test the IPA without a server: it hands out packages, verifies what comes back,
// and relays downloads to an SM-DP+.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Es9Plus } from '../../src/device/es9plus.ts';
import type { Es9PlusTransport } from '../../src/device/es9plus-transport.ts';
import { ConnectionError, type EsipaTransport } from '../../src/device/ipa/esipa-transport.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type {
  EimAcknowledgements,
  IpaEuiccDataRequest,
} from '../../src/rsp/definitions/eim-package.ts';
import {
  EsipaMessageFromEimToIpa,
  EsipaMessageFromIpaToEim,
  type EimPackageResult,
  type GetEimPackageResponse,
} from '../../src/rsp/definitions/esipa.ts';
import { EuiccPackageRequest } from '../../src/rsp/definitions/euicc-package.ts';
import { readDer } from '../../src/rsp/der.ts';
import { formatTransactionId, parseTransactionId } from '../../src/rsp/identifiers.ts';
import type { Issued } from './test-pki.ts';

type RelayedRequest = Extract<
  EsipaMessageFromIpaToEim,
  { readonly initiateAuthenticationRequestEsipa: unknown }
>['initiateAuthenticationRequestEsipa'];

export class SmallEim implements EsipaTransport {
  readonly waiting: GetEimPackageResponse[] = [];
  readonly results: EimPackageResult[] = [];
  readonly polls: (number | undefined)[] = [];
  readonly initiated: RelayedRequest[] = [];
  /** What is acknowledged of a result; nothing by default. */
  acknowledges: (result: EimPackageResult) => EimAcknowledgements = () => [];
  /** The connection is lost before these results arrive, so many times. */
  losesResults = 0;
  /** Of a confirmation code. */
  hashCc: ((transactionId: Uint8Array) => Uint8Array) | undefined;
  readonly #es9: Es9Plus | undefined;
  #smdpAddress = '';

  constructor(smdp?: Es9PlusTransport) {
    this.#es9 = smdp && new Es9Plus(smdp);
  }

  addPackage(der: Uint8Array): void {
    this.waiting.push({ euiccPackageRequest: { value: EuiccPackageRequest.decode(der), der } });
  }

  addTrigger(activationCode: string, eimTransactionId?: Uint8Array): void {
    this.waiting.push({
      profileDownloadTriggerRequest: {
        profileDownloadData: { activationCode },
        ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
      },
    });
  }

  addDataRequest(request: IpaEuiccDataRequest): void {
    this.waiting.push({ ipaEuiccDataRequest: request });
  }

  async send(request: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#answer(EsipaMessageFromIpaToEim.decode(request));
    return answer === undefined ? new Uint8Array() : EsipaMessageFromEimToIpa.encode(answer);
  }

  async #answer(message: EsipaMessageFromIpaToEim): Promise<EsipaMessageFromEimToIpa | undefined> {
    if (message.getEimPackageRequest !== undefined) {
      this.polls.push(message.getEimPackageRequest.stateChangeCause);
      return { getEimPackageResponse: this.waiting.shift() ?? { eimPackageError: 1 } };
    }
    if (message.provideEimPackageResult !== undefined) {
      if (this.losesResults > 0) {
        this.losesResults -= 1;
        throw new ConnectionError('lost on request of a test');
      }
      const { eimPackageResult } = message.provideEimPackageResult;
      this.results.push(eimPackageResult);
      const eimAcknowledgements = this.acknowledges(eimPackageResult);
      return {
        provideEimPackageResultResponse:
          eimAcknowledgements.length === 0 ? { emptyResponse: {} } : { eimAcknowledgements },
      };
    }
    return this.#relay(message);
  }

  async #relay(message: EsipaMessageFromIpaToEim): Promise<EsipaMessageFromEimToIpa | undefined> {
    const es9 = this.#es9;
    if (es9 === undefined) throw new Error('no SM-DP+');
    const {
      initiateAuthenticationRequestEsipa: initiate,
      authenticateClientRequestEsipa: authenticate,
      getBoundProfilePackageRequestEsipa: get,
      cancelSessionRequestEsipa: cancel,
      handleNotificationEsipa: notify,
    } = message;
    if (initiate !== undefined) {
      this.initiated.push(initiate);
      this.#smdpAddress = initiate.smdpAddress ?? '';
      const { transactionId, euiccCiPKIdToBeUsed, ...rest } = await es9.initiateAuthentication(
        this.#smdpAddress,
        initiate.euiccChallenge,
        initiate.euiccInfo1!.der,
      );
      const initiateAuthenticationOkEsipa = {
        transactionId: parseTransactionId(transactionId)!,
        euiccCiPKIdentifierToBeUsed: euiccCiPKIdToBeUsed,
        ...rest,
      };
      return { initiateAuthenticationResponseEsipa: { initiateAuthenticationOkEsipa } };
    }
    if (authenticate !== undefined) {
      const { transactionId, profileMetadata, ...rest } = await es9.authenticateClient(
        this.#smdpAddress,
        formatTransactionId(authenticate.transactionId),
        authenticate.authenticateServerResponse.der,
      );
      return {
        authenticateClientResponseEsipa: {
          authenticateClientOkDPEsipa: {
            transactionId: parseTransactionId(transactionId)!,
            profileMetaData: profileMetadata,
            ...rest,
            ...(this.hashCc && { hashCc: this.hashCc(authenticate.transactionId) }),
          },
        },
      };
    }
    if (get !== undefined) {
      const { transactionId, boundProfilePackage } = await es9.getBoundProfilePackage(
        this.#smdpAddress,
        formatTransactionId(get.transactionId),
        get.prepareDownloadResponse.der,
      );
      return {
        getBoundProfilePackageResponseEsipa: {
          getBoundProfilePackageOkEsipa: {
            transactionId: parseTransactionId(transactionId)!,
            boundProfilePackage,
          },
        },
      };
    }
    if (cancel !== undefined) {
      const { transactionId, cancelSessionResponse } = cancel;
      const id = formatTransactionId(transactionId);
      await es9.cancelSession(this.#smdpAddress, id, cancelSessionResponse.der);
      return { cancelSessionResponseEsipa: { cancelSessionOk: {} } };
    }
    const der = notify?.pendingNotification?.der;
    if (der !== undefined) await es9.handleNotification(this.#smdpAddress, der);
    return undefined;
  }
}

export interface EimListener extends AsyncDisposable {
  readonly eimFqdn: string;
  /** Answers 503. */
  isBusy: boolean;
  readonly headers: Record<string, string | string[] | undefined>[];
}

/** ESipa over HTTPS with this certificate. */
export async function listenEsipa(
  eim: EsipaTransport,
  { privateKey, der }: Issued,
): Promise<EimListener> {
  const headers: EimListener['headers'] = [];
  const listener = { isBusy: false };
  const server: Server = createServer(
    {
      key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
      cert: certificatePem(parseCertificate(der)),
    },
    (request, response) => {
      headers.push({ ...request.headers, path: request.url });
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Uint8Array.from(Buffer.concat(chunks));
        readDer(body);
        if (listener.isBusy) {
          response.writeHead(503).end();
          return;
        }
        void eim.send(body).then((answer) => {
          response.writeHead(answer.length === 0 ? 204 : 200, {
            'content-type': 'application/x-gsma-rsp-asn1',
          });
          response.end(answer);
        });
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(listener, {
    eimFqdn: `localhost:${port}`,
    headers,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
