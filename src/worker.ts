// Entry point of a worker of a server: see docs/decisions/0032-workers.md.
import { once } from 'node:events';
import { greetingOf } from './cli/greeting.ts';
import { listenProblem } from './cli/listen-problem.ts';
import { reportError } from './cli/report-error.ts';
import { makeLog } from './cli/server-log.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';
import { connectionOf } from './workers/connection.ts';
import type { Beginning, FromWorker, Stop, ToWorker } from './workers/messages.ts';

// The first process, which gets it too, says when to stop: Ctrl-C goes to all processes of a terminal.
process.on('SIGINT', () => {});
const stopping = new AbortController();
let drains = false;
function stop(how: Pick<Stop, 'drains'>): void {
  drains ||= how.drains;
  stopping.abort();
}
process.on('SIGTERM', () => stop({ drains: true }));

const send = (message: FromWorker): void => {
  // Without a first process this one ends.
  if (process.connected) process.send!(message, undefined, undefined, () => {});
};

/** @returns undefined if the server ends before */
function begun(): Promise<Beginning | undefined> {
  const { promise, resolve } = Promise.withResolvers<Beginning | undefined>();
  process.on('message', function take(message: ToWorker) {
    if (message.kind !== 'begin' && message.kind !== 'stop') return;
    process.off('message', take);
    resolve(message.kind === 'begin' ? message : undefined);
  });
  send({ kind: 'ready' });
  return promise;
}

async function start(beginning: Beginning): Promise<void> {
  const { config, secrets, number, isStart } = beginning;
  const connection = connectionOf(beginning, send);
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') stop(message);
    else connection.take(message);
  });
  const log = makeLog(config, number);
  await using server: Server = await startServer(
    config,
    secrets,
    log,
    undefined,
    undefined,
    connection,
  ).catch((error: Error) => {
    throw listenProblem(error, config) ?? error;
  });
  const greeting = isStart ? await greetingOf(server, secrets) : '';
  send({ kind: 'serving', url: server.context.publicUrl, greeting });
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  log.info('stopping');
  await server.context.draining.run(drains ? config.drainMs : 0);
}

const beginning = await begun();
try {
  if (beginning !== undefined) await start(beginning);
  process.exit();
} catch (error) {
  reportError(error);
  process.exit(1);
}
