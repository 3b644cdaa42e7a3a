// A server that speaks HTTPS with certificates on both sides, as polite or as rude as a test needs.
import { once } from 'node:events';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { parseCertificate } from '../src/rsp/certificate.ts';
import { certificatePem, privateKeyPem } from '../src/rsp/pem.ts';
import { testPki } from './device/test-pki.ts';
import type { Issued, TestPki } from './device/test-pki.ts';

export interface PeerCall {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  json: any;
  /** Common name of the client's certificate. */
  caller: string | undefined;
  /** Counts the connections: calls with the same number came through one. */
  connection: number;
}

export interface TlsPeer extends AsyncDisposable {
  url: URL;
  calls: PeerCall[];
  /** How a call is answered once it is recorded. */
  answer: (call: PeerCall, ...http: Parameters<RequestListener>) => void;
  /** Closes the kept connections, as a peer that has restarted has. */
  dropConnections(): void;
}

export const pemOf = ({ der }: Issued): string => certificatePem(parseCertificate(der));
export const keyOf = ({ privateKey }: Issued): string => privateKeyPem(privateKey);

/** CA, server and client of one test. */
export interface PeerPki extends TestPki {
  /** PEM of the CA. */
  ca: string;
  /** PEM of a client's certificate and key. */
  client: { certificate: string; key: string };
}

export function peerPki(): PeerPki {
  const pki = testPki();
  const client = pki.server('dpTls');
  return {
    ...pki,
    ca: pemOf(pki.ci),
    client: { certificate: pemOf(client), key: keyOf(client) },
  };
}

/** For `127.0.0.1` and `localhost`. */
export function peerCertificate(pki: TestPki, edit: Parameters<TestPki['server']>[1] = (c) => c) {
  return pki.server('dpTls', (contents) => edit({ ...contents, iPAddress: ['127.0.0.1'] }));
}

/** @param tls by default a certificate of the PKI, and only clients of the PKI */
export async function startTlsPeer(
  pki: PeerPki,
  {
    certificate = peerCertificate(pki),
    tls = {},
    port = 0,
  }: { certificate?: Issued; tls?: TlsOptions; port?: number } = {},
): Promise<TlsPeer> {
  const connections = new Map<unknown, number>();
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      cert: pemOf(certificate),
      key: keyOf(certificate),
      ca: pki.ca,
      requestCert: true,
      rejectUnauthorized: true,
      ...tls,
    },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      if (!connections.has(socket)) connections.set(socket, connections.size + 1);
      void text(request).then((body) => {
        const call = {
          path: request.url ?? '',
          headers: request.headers,
          body,
          json: parsed(body),
          caller: socket.getPeerCertificate().subject?.CN as string | undefined,
          connection: connections.get(socket)!,
        };
        peer.calls.push(call);
        peer.answer(call, request, response);
      });
    },
  );
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const peer: TlsPeer = {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    calls: [],
    answer: (_call, _request, response) => void response.writeHead(204).end(),
    dropConnections() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return peer;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Answers with status 200 and JSON. */
export const answering =
  (answer: unknown): TlsPeer['answer'] =>
  (_call, _request, response) =>
    void response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(answer));

export const SUCCEEDED = { functionExecutionStatus: { status: 'Executed-Success' } };
