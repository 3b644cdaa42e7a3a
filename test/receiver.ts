// A receiver of callbacks, as polite or as rude as a test needs.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createListener } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from './server.ts';

/** A listener that gets no callbacks: a server of another test may go on calling a port that was a receiver's before. */
export const withoutCallbacks =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    if (request.headers['i-twilio-idempotency-token'] === undefined) listener(request, response);
    else response.writeHead(404).end();
  };

export interface ReceivedCall {
  method: string;
  /** The URL as called, including scheme, host and port. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** From the form body, or from the query if there is no body. */
  parameters: Record<string, string>;
  at: number;
}

export interface Receiver extends AsyncDisposable {
  /** With a path of its own, and without a slash at the end. Calls of other paths are not recorded. */
  url: string;
  calls: ReceivedCall[];
  /** The next call not yet returned. */
  next(): Promise<ReceivedCall>;
}

/**
 * @param answer how to answer a call once it is recorded; by default 204
 * @param at URL of one that was stopped, in whose place it is
 */
export async function startReceiver(
  answer: (call: ReceivedCall, ...http: Parameters<RequestListener>) => void = (_call, _in, out) =>
    void out.writeHead(204).end(),
  at?: string,
): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  const { port, pathname: path } = new URL(at ?? `http://localhost:0/${randomUUID()}`);
  let looked = 0;
  const server = createServer((request, response) => {
    if (!request.url!.startsWith(path)) {
      response.writeHead(404).end();
      return;
    }
    void text(request).then((body) => {
      const url = `http://${request.headers.host}${request.url}`;
      const form = new URLSearchParams(body === '' ? new URL(url).search : body);
      const call = {
        method: request.method!,
        url,
        headers: request.headers,
        body,
        parameters: Object.fromEntries(form),
        at: Date.now(),
      };
      calls.push(call);
      answer(call, request, response);
    });
  });
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    calls,
    next: () => eventually(() => calls[looked] && calls[looked++]),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface SilentReceivers extends AsyncDisposable {
  urls: string[];
  /** Open connections. */
  readonly connections: number;
}

/** Receivers that accept connections and never answer. */
export async function startSilentReceivers(count: number): Promise<SilentReceivers> {
  const sockets = new Set<Socket>();
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createListener((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        socket.resume();
      });
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      return listener;
    }),
  );
  return {
    urls: listeners.map((one) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`),
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map((one) => once(one.close(), 'close')));
    },
  };
}
