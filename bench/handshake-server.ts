// Two listeners in one process: ES9+'s, which chooses a certificate by the ClientHello, and a plain Node HTTPS server
// with the same certificate. Reports the CPU time of the process on request.
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createTlsListener } from '../src/https/tls-listener.ts';
import { ES9PLUS_LIMITS } from '../src/process/listener-limits.ts';
import { Turns } from '../src/process/turns.ts';
import { assemblePki } from '../src/smdp/pki/pki.ts';
import { makeTestPki } from '../src/smdp/pki/test-pki.ts';
import type { Usage } from './server.ts';

export interface HandshakePorts {
  choosing: number;
  plain: number;
}

const answer: RequestListener = (_request, response) => void response.end();

if (process.send !== undefined) await serve();

async function serve(): Promise<void> {
  const now = new Date();
  const { tls } = assemblePki(makeTestPki('localhost', now), [], now);
  const choosing = createTlsListener(answer, {
    certificates: () => tls,
    limits: ES9PLUS_LIMITS,
    log: pino({ level: 'silent' }),
    turns: new Turns(),
    onFailure: (reason) => {
      throw new Error(reason);
    },
  });
  const plain = createServer(
    {
      cert: tls[0]!.certificatePem,
      key: tls[0]!.keyPem,
      minVersion: 'TLSv1.2',
      ecdhCurve: 'prime256v1:brainpoolP256r1',
    },
    answer,
  );
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
    process.send!(usage);
  });
  process.once('disconnect', () => process.exit());
  const ports: HandshakePorts = { choosing: await listen(choosing), plain: await listen(plain) };
  process.send!(ports);
}

async function listen(server: Pick<Server, 'listen' | 'address'> & NodeJS.EventEmitter) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
