// IPAs that listen, for the tests of injection: a virtual IoT device, and a server that answers as a test wants.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { issueIpaCertificate } from '../../src/device/ipa/ipa-certificate.ts';
import { listenForPackages } from '../../src/device/ipa/ipa-listener.ts';
import { EsipaHttpsTransport } from '../../src/device/ipa/esipa-transport.ts';
import { FaultyTransport } from '../../src/device/ipa/faulty-transport.ts';
import { IotDevice } from '../../src/device/ipa/poll-eims.ts';
import { isIotEuicc } from '../../src/device/iot/iot-euicc.ts';
import type { TransferEimPackageRequest } from '../../src/rsp/definitions/esipa.ts';
import type { Ipa } from './ipa.ts';

export const CERTIFICATE = issueIpaCertificate(['localhost', '127.0.0.1'], new Date());

export interface ListeningDevice extends AsyncDisposable {
  url: string;
  /** What was sent to it, by the member that was chosen. */
  requests: (keyof TransferEimPackageRequest)[];
  steps: string[];
  refused: string[];
  /** So many of the next answers are lost on their way. */
  losesAnswers: number;
  /** ICCIDs of profiles without a network. */
  withoutConnectivity: string[];
}

/** The virtual IoT device of an eUICC. */
export async function listeningDevice({ euicc }: Ipa): Promise<ListeningDevice> {
  if (!isIotEuicc(euicc)) throw new TypeError('no IoT eUICC');
  const withoutConnectivity: string[] = [];
  const device = {
    requests: [],
    steps: [],
    refused: [],
    losesAnswers: 0,
    withoutConnectivity,
  } as Omit<ListeningDevice, 'url' | typeof Symbol.asyncDispose>;
  const faults = { lostAnswers: 0, withoutConnectivity };
  const iot = new IotDevice(euicc, {
    transportTo: (eim) => new FaultyTransport(new EsipaHttpsTransport({ eim }), euicc, faults),
    onStep: ({ what }) => device.steps.push(what),
  });
  const listener = await listenForPackages({
    host: '127.0.0.1',
    port: 0,
    ...CERTIFICATE,
    transferred(key, request) {
      const [name] = Object.keys(request).filter(
        (member) => request[member as keyof TransferEimPackageRequest] !== undefined,
      );
      device.requests.push(name as keyof TransferEimPackageRequest);
      return iot.transferred(key, request);
    },
    losesAnswer() {
      if (device.losesAnswers === 0) return false;
      device.losesAnswers -= 1;
      return true;
    },
    onRefused: (why) => device.refused.push(why),
  });
  return Object.assign(device, {
    url: `https://127.0.0.1:${listener.port}`,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  });
}

export interface Called {
  path: string;
  type: string | undefined;
  body: Buffer;
  /** SubjectPublicKeyInfo that the caller has shown. */
  hasCertificate: boolean;
}

export interface SmallIpa extends AsyncDisposable {
  url: string;
  calls: Called[];
  answer: (body: Uint8Array, response: ServerResponse, request: IncomingMessage) => void;
}

/** @param answer DER of the answer is written by `answerWith` */
export async function smallIpa(answer: SmallIpa['answer'], tls = CERTIFICATE): Promise<SmallIpa> {
  const ipa = { calls: [] as Called[], answer };
  const server = createServer(
    { cert: tls.certificate, key: tls.key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      response.on('error', () => {});
      void buffer(request).then((body) => {
        const raw = (request.socket as TLSSocket).getPeerCertificate().raw as Buffer | undefined;
        const type = request.headers['content-type'];
        const path = request.url ?? '';
        ipa.calls.push({ path, type, body, hasCertificate: raw !== undefined });
        ipa.answer(Uint8Array.from(body), response, request);
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(ipa, {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
