// `simwright start`: serves until it is told to stop.
import { once } from 'node:events';
import { Command } from 'commander';
import { pino } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import type { Server } from '../server.ts';
import { onInterrupt } from './interrupt.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('serve the API; the first start makes the database, an account and test stock')
    .addHelpText('after', '\nStops on SIGINT or SIGTERM when the work under way is done.')
    .action(async () => {
      const { config, secrets } = readConfig();
      const interrupted = onInterrupt();
      // Loaded here, so that the other commands need not wait for it.
      const { startServer } = await import('../server.ts');
      await using server = await startServer(config, secrets, makeLog(config));
      process.stdout.write(greeting(server));
      if (!interrupted.aborted) await once(interrupted, 'abort');
      server.context.log.info('stopping');
    });
}

/** One JSON object a line, or text for a person who looks at a terminal. */
function makeLog({ logLevel }: Config): Logger {
  const secret = ['authorization', 'authToken', 'secret', 'ki', 'opc'];
  const redact = [...secret, ...secret.map((name) => `*.${name}`)];
  const options = { level: logLevel, redact, base: null };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', sync: true }));
}

function greeting({ context, firstAccount }: Server): string {
  const { publicUrl, config } = context;
  const database = config.database.kind === 'sqlite' ? config.database.file : 'PostgreSQL';
  const lines = [
    '',
    `  Simwright listens on ${publicUrl}   API document: ${publicUrl}/docs`,
    `  Data: ${config.data}   Database: ${database}`,
    '',
  ];
  if (firstAccount === undefined) {
    lines.push(
      '  Accounts: npx simwright account list',
      '  Auth token of one: npx simwright account show SID --token',
      '',
    );
  } else {
    const { accountSid, authToken } = firstAccount;
    const curl = `curl -u ${accountSid}:${authToken} ${publicUrl}/v1/ESimProfiles`;
    lines.push(
      '  The first start has made an account. Its auth token is shown only now:',
      '',
      `    Account SID   ${accountSid}`,
      `    Auth token    ${authToken}`,
      '',
      '  Order a profile, then list it:',
      '',
      `    ${curl} -d GenerateMatchingId=true`,
      `    ${curl}`,
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}
