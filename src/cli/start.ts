// `simwright start`: serves until it is told to stop.
import { once } from 'node:events';
import { Command } from 'commander';
import { pino } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import { readConfig } from '../config.ts';
import type { Config, Secrets } from '../config.ts';
import type { Server } from '../server.ts';
import { onInterrupt } from './interrupt.ts';
import { UserError } from './user-error.ts';

export function startCommand(): Command {
  return new Command('start')
    .description('serve the API; the first start makes the database, an account and test stock')
    .addHelpText('after', '\nStops on SIGINT or SIGTERM when the work under way is done.')
    .action(async () => {
      const { config, secrets } = readConfig();
      const interrupted = onInterrupt();
      // Loaded here, so that the other commands need not wait for it.
      const { startServer } = await import('../server.ts');
      await using server = await startServer(config, secrets, makeLog(config)).catch(
        (error: NodeJS.ErrnoException) => {
          throw listenProblem(error, config) ?? error;
        },
      );
      process.stdout.write(greeting(server, secrets));
      if (!interrupted.aborted) await once(interrupted, 'abort');
      server.context.log.info('stopping');
    });
}

const LISTEN_PROBLEMS: Record<string, string> = {
  EACCES: 'this user may not; ports below 1024 are for root, so set SIMWRIGHT_PORT to another',
  EADDRINUSE: 'another program does; stop it, or set SIMWRIGHT_PORT to another port',
  EADDRNOTAVAIL: 'this machine has no such address; set SIMWRIGHT_HOST to one of its own',
  ENOTFOUND: 'there is no such host; set SIMWRIGHT_HOST to an address of this machine',
};

/** What Node tells of an address that cannot be listened on; the port is missing where a name is unknown. */
type ListenError = NodeJS.ErrnoException & { port?: number; hostname?: string };

function listenProblem(
  { code = '', syscall = '', port: tried, hostname }: ListenError,
  { host, port, es9Host, es9Port }: Config,
): UserError | undefined {
  const problem = LISTEN_PROBLEMS[code];
  if (problem === undefined || !['listen', 'getaddrinfo'].includes(syscall)) return undefined;
  const isEs9 =
    tried === undefined
      ? hostname === es9Host && es9Host !== host
      : tried === es9Port && es9Port !== port;
  if (!isEs9) return new UserError(`Cannot listen on ${host}, port ${port}: ${problem}`);
  const ofEs9 = problem.replaceAll('SIMWRIGHT_', 'SIMWRIGHT_ES9_');
  return new UserError(`Cannot listen on ${es9Host}, port ${es9Port}: ${ofEs9}`);
}

/** Text for a person who looks at a terminal; otherwise one JSON object a line, apart from the greeting. */
function makeLog({ logLevel }: Config): Logger {
  const secret = ['authorization', 'authToken', 'secret', 'ki', 'opc'];
  const redact = [...secret, ...secret.map((name) => `*.${name}`)];
  const options = { level: logLevel, redact, base: null };
  if (!process.stdout.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', sync: true }));
}

/** Never with a token that the settings gave: it is known, and this may become a log. */
function greeting({ context, es9Url, firstAccount }: Server, secrets: Secrets): string {
  const { publicUrl, config } = context;
  const database = config.database.kind === 'sqlite' ? config.database.file : 'PostgreSQL';
  const lines = [
    '',
    `  Simwright listens on ${publicUrl}   API document: ${publicUrl}/docs`,
    `  Devices download from ${es9Url}; activation codes name it ${config.smdpAddress}`,
    `  Data: ${config.data}   Database: ${database}`,
    '',
  ];
  if (firstAccount === undefined || secrets.account !== undefined) {
    lines.push(
      '  Accounts: npx simwright account list',
      '  Auth token of one: npx simwright account show SID --token',
      '',
    );
  } else {
    const { accountSid, authToken } = firstAccount;
    const curl = `curl -u ${accountSid}:${authToken} ${publicUrl}/v1/ESimProfiles`;
    lines.push(
      '  The first start has made an account:',
      '',
      `    Account SID   ${accountSid}`,
      `    Auth token    ${authToken}`,
      '',
      `  To see the token again: npx simwright account show ${accountSid} --token`,
      '',
      '  Order a profile, then list it:',
      '',
      `    ${curl} -d GenerateMatchingId=true`,
      `    ${curl}`,
      '',
      '  Download it with a virtual phone:',
      '',
      '    npx simwright device create',
      "    npx simwright device download 'LPA:ACTIVATION_CODE'",
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}
