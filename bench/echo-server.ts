// A plain Node HTTPS server that answers calls of ES9+ with as many bytes as the real one, and does nothing else.
// Reports the CPU time of the process on request.
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { assemblePki } from '../src/smdp/pki/pki.ts';
import { makeTestPki } from '../src/smdp/pki/test-pki.ts';
import type { Usage } from './server.ts';

/** One call: its request, and the body of its answer. */
export interface Exchange {
  request: string;
  answer: Buffer;
}

const path = (request: string) => request.split(' ', 2)[1]!;

if (process.send !== undefined) await serve();

async function serve(): Promise<void> {
  const now = new Date();
  const { tls } = assemblePki(makeTestPki('localhost', now), [], now);
  const answers = new Map<string, Buffer>();
  const server = createServer(
    { cert: tls[0]!.certificatePem, key: tls[0]!.keyPem },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        JSON.parse(Buffer.concat(chunks).toString());
        const answer = answers.get(request.url!)!;
        response.writeHead(answer.length > 0 ? 200 : 204, {
          'content-type': 'application/json;charset=UTF-8',
          'x-admin-protocol': 'gsma/rsp/v2.2.0',
          'content-length': answer.length,
        });
        response.end(answer);
      });
    },
  );
  process.on('message', (message: 'usage' | { request: string; answer: string }[]) => {
    if (message !== 'usage') {
      for (const { request, answer } of message) {
        answers.set(path(request), Buffer.from(answer, 'base64'));
      }
    }
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
    process.send!(usage);
  });
  process.once('disconnect', () => process.exit());
  // Between two turns, other servers have theirs.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send!((server.address() as AddressInfo).port);
}
