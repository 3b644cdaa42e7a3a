// An HTTP server that answers as a test says, and keeps what it was asked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withoutCallbacks } from './receiver.ts';

export interface AnsweringServer extends Disposable {
  base: string;
  answer: RequestListener;
  asked: IncomingMessage[];
}

export async function startAnswering(): Promise<AnsweringServer> {
  const server = createServer(
    withoutCallbacks((request, response) => {
      answering.asked.push(request);
      answering.answer(request, response);
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answering: AnsweringServer = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (_request, response) => response.end(),
    asked: [],
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return answering;
}
