// `simwright start`: serves until told to stop.
import { once } from 'node:events';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import type { Config, Secrets } from '../config.ts';
import { isTerminated, onInterrupt } from './interrupt.ts';
import { listenProblem } from './listen-problem.ts';
import { examples } from './options.ts';
import { makeLog } from './server-log.ts';
import { EndWith } from './user-error.ts';

const HELP = `
Prints where it listens and, at the first start, the account SID, its auth token and commands to try.
Stops on SIGINT or SIGTERM when current work is done; on SIGTERM, it goes on serving for SIMWRIGHT_DRAIN_SECONDS before,
while /readyz answers 503. Settings: simwright --help.`;

/** `simwright start` */
export function startCommand(): Command {
  return new Command('start')
    .description('serve the API; the first start creates the database, an account and test stock')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright start'],
        ['SIMWRIGHT_PORT=8080 SIMWRIGHT_DATA=/srv/simwright simwright start', 'with settings'],
        ['SIMWRIGHT_WORKERS=2 simwright start', 'on two cores'],
      ),
    )
    .action(async () => {
      const { config, secrets } = readConfig();
      const interrupted = onInterrupt();
      await (config.workers === 1 ? serve : serveByWorkers)(config, secrets, interrupted);
    });
}

async function serve(config: Config, secrets: Secrets, interrupted: AbortSignal): Promise<void> {
  // Imported here, so other commands need not load it.
  const { startServer } = await import('../server.ts');
  const { greetingOf } = await import('./greeting.ts');
  await using server = await startServer(config, secrets, makeLog(config)).catch((error: Error) => {
    throw listenProblem(error, config) ?? error;
  });
  process.stdout.write(await greetingOf(server, secrets));
  if (!interrupted.aborted) await once(interrupted, 'abort');
  server.context.log.info('stopping');
  await server.context.draining.run(isTerminated(interrupted) ? config.drainMs : 0);
}

async function serveByWorkers(
  config: Config,
  secrets: Secrets,
  interrupted: AbortSignal,
): Promise<void> {
  const { startWorkers } = await import('../start-workers.ts');
  const { WorkerEnded } = await import('../workers/worker-ended.ts');
  const log = makeLog(config);
  try {
    await using workers = await startWorkers(config, secrets, log, interrupted).catch(
      (error: Error) => {
        throw listenProblem(error, config) ?? error;
      },
    );
    process.stdout.write(workers.greeting);
    if (!interrupted.aborted) await Promise.race([once(interrupted, 'abort'), workers.failed]);
    log.info('stopping');
  } catch (error) {
    // It has said itself why.
    if (error instanceof WorkerEnded && error.exitCode > 0) throw new EndWith(error.exitCode);
    throw error;
  }
}
