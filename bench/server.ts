// The server under test, in a process of its own: the real one, with one more operation, which returns the first page
// of the list from memory.
import { destination, pino } from 'pino';
import { listEsimProfile } from '../src/api/listEsimProfile.ts';
import { operation } from '../src/api/operation.ts';
import type { Answer, StreamAnswer } from '../src/api/operation.ts';
import { OPERATIONS } from '../src/api/operations.ts';
import { readConfig } from '../src/config.ts';
import { startServer } from '../src/server.ts';

export const MEMORY_PATH = '/v1/FromMemory';

export interface Ports {
  api: number;
  es9: number;
  metrics?: string | undefined;
}

export interface Usage {
  cpuMicroseconds: number;
  rss: number;
}

let remembered: Answer | StreamAnswer | undefined;

const fromMemory = operation({
  operationId: 'FromMemory',
  method: 'GET',
  path: MEMORY_PATH,
  tag: 'Account',
  summary: 'A page of eSIM Profiles from memory',
  responses: listEsimProfile.responses,
  async handle(request, context) {
    remembered ??= await listEsimProfile.handle(
      { ...request, query: {}, params: {}, body: {} },
      context,
    );
    return remembered;
  },
});

if (process.send !== undefined) await serve();

async function serve(): Promise<void> {
  const { config, secrets } = readConfig(JSON.parse(process.argv[2]!) as Record<string, string>);
  const log = pino({ level: config.logLevel, base: null }, destination('/dev/null'));
  const server = await startServer(config, secrets, log, [...OPERATIONS, fromMemory]);
  process.on('message', (question) => {
    if (question !== 'usage') return;
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMicroseconds: user + system, rss: process.memoryUsage.rss() };
    process.send!(usage);
  });
  process.once('disconnect', () => void server[Symbol.asyncDispose]());
  const [api, es9] = [server.context.publicUrl, server.es9Url].map((url) =>
    Number(new URL(url).port),
  );
  const ports: Ports = { api: api!, es9: es9!, metrics: server.metricsUrl };
  process.send!(ports);
}
