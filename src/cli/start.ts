// `simwright start`: serves until it is told to stop.
import { once } from 'node:events';
import { Command } from 'commander';
import { pino } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import { readConfig } from '../config.ts';
import type { Config, Secrets } from '../config.ts';
import { consoleLink, createConsoleTicket } from '../operator/account/console-session.ts';
import { servedCis } from '../smdp/pki/served-cis.ts';
import type { Server } from '../server.ts';
import { onInterrupt } from './interrupt.ts';
import { examples } from './options.ts';
import { hasColours } from './paint.ts';
import { UserError } from './user-error.ts';

const HELP = `
Prints where it listens and, the first time, the account SID, its auth token and commands to try.
Stops on SIGINT or SIGTERM when the work under way is done. Settings: simwright --help.`;

/** `simwright start` */
export function startCommand(): Command {
  return new Command('start')
    .description('serve the API; the first start makes the database, an account and test stock')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright start'],
        ['SIMWRIGHT_PORT=8080 SIMWRIGHT_DATA=/srv/simwright simwright start', 'with settings'],
      ),
    )
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
      process.stdout.write(greeting(server, secrets, await signInLink(server, secrets)));
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

/** What Node tells of a failed `listen`, or of a name that leads nowhere. */
interface ListenError extends NodeJS.ErrnoException {
  address?: string;
  port?: number;
  hostname?: string;
}

function listenProblem(error: ListenError, config: Config): UserError | undefined {
  const { code = '', syscall = '' } = error;
  const problem = LISTEN_PROBLEMS[code];
  if (problem === undefined || !['listen', 'getaddrinfo'].includes(syscall)) return undefined;
  const isEs9 = isOfEs9(error, config);
  const [prefix, host, port] = isEs9
    ? ['SIMWRIGHT_ES9_', config.es9Host, config.es9Port]
    : ['SIMWRIGHT_', config.host, config.port];
  const advice = problem.replaceAll('SIMWRIGHT_', prefix);
  return new UserError(`Cannot listen on ${host}, port ${port}: ${advice}`);
}

/** Which of the two listeners failed: its address tells, or where that is the same its port. */
function isOfEs9({ address, port = 0, hostname = address }: ListenError, config: Config): boolean {
  const [isHost, isEs9Host] = [hostname === config.host, hostname === config.es9Host];
  return isHost === isEs9Host ? port !== config.port : isEs9Host;
}

/** Text for a person who looks at a terminal; otherwise one JSON object a line, apart from the greeting. */
function makeLog({ logLevel }: Config): Logger {
  const secret = ['authorization', 'authToken', 'secret', 'ki', 'opc'];
  const redact = [...secret, ...secret.map((name) => `*.${name}`)];
  const options = { level: logLevel, redact, base: null };
  if (!process.stdout.isTTY) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(
    options,
    pretty({ colorize: hasColours(), translateTime: 'SYS:HH:MM:ss', sync: true }),
  );
}

/**
 * A link that signs a browser in to the console once, where a person is who reads it: at a terminal, or with the
 * token that the first start has made.
 */
async function signInLink(
  { context, firstAccount }: Server,
  secrets: Secrets,
): Promise<string | undefined> {
  const { store, transact, publicUrl } = context;
  const showsToken = firstAccount !== undefined && secrets.account === undefined;
  if (!showsToken && !process.stdout.isTTY) return undefined;
  const accounts = await store.accounts.list();
  const wanted = firstAccount?.accountSid ?? secrets.account?.sid;
  const account = accounts.length === 1 ? accounts[0] : accounts.find(({ sid }) => sid === wanted);
  if (account === undefined) return undefined;
  const { ticket } = await transact((unit) => createConsoleTicket(account, unit));
  return consoleLink(publicUrl, ticket);
}

/** Never with a token that the settings gave: it is known, and this may become a log. */
function greeting(
  { context, es9Url, firstAccount }: Server,
  secrets: Secrets,
  link: string | undefined,
): string {
  const { publicUrl, config } = context;
  const cis = servedCis(context.pki).map(({ ci, curve }) => `${ci} (${curve})`);
  const database = config.database.kind === 'sqlite' ? config.database.file : 'PostgreSQL';
  const lines = [
    '',
    `  Simwright listens on ${publicUrl}   API document: ${publicUrl}/docs`,
    `  Devices download from ${es9Url}; activation codes name it ${config.smdpAddress}`,
    `  They trust ${cis.join(' or ')}`,
    `  Data: ${config.data}   Database: ${database}`,
    '',
    ...(link === undefined
      ? [`  Console: ${publicUrl}/console/   A link that signs in: npx simwright console`]
      : ['  Console, signed in by this link, once and within an hour:', '', `    ${link}`]),
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
