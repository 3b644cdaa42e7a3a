// A receiver of callbacks that remembers what it has accepted, and may have bad moments.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AcceptedCall, CallbackReceiver } from './world.ts';

/** `hang up` also after the call was accepted, so that the answer is lost. */
export type Mood = 'accept' | 'refuse' | 'hang up' | 'accept and hang up';

/** @param mood asked for each call, with its parameters; by default, all are accepted */
export async function startReceiver(
  mood: (parameters: Record<string, string>) => Mood = () => 'accept',
): Promise<CallbackReceiver & AsyncDisposable> {
  const accepted: AcceptedCall[] = [];
  const server = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => undefined);
    const parameters = Object.fromEntries(new URLSearchParams(body));
    const answer = body === undefined ? 'hang up' : mood(parameters);
    if (answer.startsWith('accept')) {
      accepted.push({
        url: `http://${request.headers.host}${request.url}`,
        signature: String(request.headers['x-twilio-signature']),
        idempotencyToken: String(request.headers['i-twilio-idempotency-token']),
        parameters,
      });
    }
    if (answer.endsWith('hang up')) request.destroy();
    else response.writeHead(answer === 'accept' ? 204 : 503).end();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
