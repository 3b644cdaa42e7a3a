// An IPA that listens for eIM packages (SGP.32 §3.1.1.2), over HTTPS in both bindings of ESipa. Whoever calls shows the key that the
// eUICC was told to trust for the TLS of its eIM; others learn nothing.
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { TransferEimPackageRequest } from '../../rsp/definitions/esipa.ts';
import { DerError } from '../../rsp/der-error.ts';
import type { Transferred } from './ipa.ts';
import { TRANSFER_MESSAGES } from './transfer-messages.ts';

/** Larger than any package that an eUICC takes. */
const MOST_BYTES = 65_536;
const MOST_CONNECTIONS = 16;
const IDLE_MS = 10_000;
/** How long a caller waits for what is under way. */
const BUSY_MS = 5_000;
const RETRY_AFTER_SECONDS = 5;

/** PEM. */
export interface IpaCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface IpaListenerOptions extends IpaCertificate {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** One at a time. @returns undefined: the caller is no eIM of the eUICC */
  readonly transferred: (
    callerKey: Uint8Array | undefined,
    request: TransferEimPackageRequest,
  ) => Transferred | undefined;
  /** Whether this answer is lost on its way. */
  readonly losesAnswer?: () => boolean;
  /** Called with what went wrong with a call. */
  readonly onRefused?: (why: string) => void;
}

export interface IpaListener extends AsyncDisposable {
  readonly port: number;
  /** Runs it while nothing that was sent is carried out. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface UnderWay {
  /** Hex of the message that is carried out; empty: something else. Undefined: nothing is under way. */
  message: string | undefined;
  ended: Promise<unknown>;
}

export async function listenForPackages({
  host,
  port,
  certificate,
  key,
  transferred,
  losesAnswer = () => false,
  onRefused = () => {},
}: IpaListenerOptions): Promise<IpaListener> {
  const underWay: UnderWay = { message: undefined, ended: Promise.resolve() };
  const server = createServer(
    {
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      // It need not be under any CA: its key is what counts.
      requestCert: true,
      rejectUnauthorized: false,
      headersTimeout: IDLE_MS,
      requestTimeout: IDLE_MS,
      keepAliveTimeout: IDLE_MS,
    },
    (request, response) => {
      response.on('error', () => {});
      answer(request, response).catch((error: unknown) => {
        onRefused(String(error));
        request.socket.destroy();
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setTimeout(IDLE_MS * 6, () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, why: string) => {
      onRefused(why);
      if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
      response.writeHead(status, { connection: 'close' }).end();
    };
    const messages = TRANSFER_MESSAGES[request.url ?? ''];
    if (request.method !== 'POST' || messages === undefined) return refuse(404, 'not found');
    const body = await readBody(request);
    if (body === undefined) return refuse(413, `a message of more than ${MOST_BYTES} bytes`);
    const name = body.toHex();
    let read: TransferEimPackageRequest;
    try {
      read = messages.read(body);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return refuse(400, `no TransferEimPackageRequest: ${error.message}`);
    }
    if (underWay.message !== undefined && underWay.message !== name) await soon(underWay.ended);
    const isAgain = underWay.message === name;
    if (underWay.message !== undefined && !isAgain) return refuse(503, 'busy');
    // What is under way was received.
    const done = isAgain
      ? { answer: { eimPackageReceived: null } }
      : transferred(keyOf(request.socket as TLSSocket), read);
    if (done === undefined) return refuse(403, 'the caller is no eIM of this eUICC');
    if (done.later !== undefined) begin(name, done.later);
    if (losesAnswer()) {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, {
      'content-type': messages.type,
      'x-admin-protocol': 'gsma/rsp/v2.1.0',
    });
    response.end(messages.write(done.answer));
  }

  function begin(name: string, later: () => Promise<void>): void {
    underWay.message = name;
    // After the answer has left.
    underWay.ended = nextTurn()
      .then(later)
      .catch((error: unknown) => onRefused(String(error)))
      .finally(() => {
        underWay.message = undefined;
      });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async alone(work) {
      while (underWay.message !== undefined) await underWay.ended;
      underWay.message = '';
      const done = work().finally(() => {
        underWay.message = undefined;
      });
      underWay.ended = done.catch(() => {});
      return done;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await underWay.ended;
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Or a little later. */
async function soon(working: Promise<unknown>): Promise<void> {
  const isLate = new AbortController();
  const late = sleep(BUSY_MS, undefined, { signal: isLate.signal }).catch(() => {});
  await Promise.race([working, late]);
  isLate.abort();
}

/** SubjectPublicKeyInfo of the certificate that the caller has shown. */
function keyOf(socket: TLSSocket): Uint8Array | undefined {
  const { raw } = socket.getPeerCertificate();
  if (raw === undefined) return undefined;
  return new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
}

/** @returns undefined: it has too many */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
