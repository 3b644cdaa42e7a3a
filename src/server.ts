// The server: the API and the background loops, on one store.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { OPERATIONS } from './api/operations.ts';
import { buildApi } from './api/routes.ts';
import type { Config, Secrets } from './config.ts';
import { withEs9Port } from './config.ts';
import { registerConsole } from './console/routes.ts';
import { registerSessionRoutes } from './console/session-routes.ts';
import type { Context } from './context.ts';
import { lockData, openData } from './data.ts';
import { buildEs9Plus } from './es9plus/routes.ts';
import { callbacks } from './jobs/callbacks.ts';
import { certificates } from './jobs/certificates.ts';
import { clock } from './jobs/clock.ts';
import { housekeeping } from './jobs/housekeeping.ts';
import { reservation } from './jobs/reservation.ts';
import { sims } from './jobs/sims.ts';
import { closerOf } from './process/listener-close.ts';
import type { Loop, LoopName } from './process/loop.ts';
import { startLoop } from './process/loop.ts';
import { looseModeWarning } from './process/private-files.ts';
import { authenticate } from './operator/account/account.ts';
import { firstStart } from './first-start.ts';
import type { FirstAccount } from './first-start.ts';
import { operatorHere } from './operator/operator-here.ts';
import { builtInSmdp } from './smdp/orders/built-in-smdp.ts';
import { openPki } from './smdp/pki/current-pki.ts';
import type { CurrentPki } from './smdp/pki/current-pki.ts';
import { pkiWarner } from './smdp/pki/pki-warnings.ts';
import { sharedSecretWarnings } from './smdp/package/shared-secrets.ts';
import { ensureTestTls } from './smdp/pki/test-pki.ts';
import { allEnded } from './store/together.ts';
import { unitsOf } from './unit.ts';
import { deliverer } from './webhook/deliver.ts';

/** The same path from the sources and from the build. */
const CONSOLE_FOLDER = join(import.meta.dirname, '../dist/console/app');

export interface Server extends AsyncDisposable {
  context: Context;
  app: FastifyInstance;
  /** URL of ES9+ for devices: https://HOST:PORT */
  es9Url: string;
  /** The account created by this start. */
  firstAccount: FirstAccount | undefined;
}

/** Resolves once it listens. Disposing of it finishes current work. */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Logger,
  operations = OPERATIONS,
  consoleFolder = CONSOLE_FOLDER,
): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const lock = started.adopt(await lockData(config), (held) => held.release());
  const data = await openData(config, secrets);
  const { store, masterKey } = data;
  started.defer(() => store.close());
  await tryToListen(config.host, config.port);
  await tryToListen(config.es9Host, config.es9Port);
  await ensureTestTls(config.smdpAddress, data);
  const now = () => store.now();
  const pki = await openPki({ config, store, masterKey, now, log });
  const loops = new Map<LoopName, Loop>();
  const wake = (name: LoopName) => loops.get(name)?.wake();
  const context: Context = {
    config,
    store,
    masterKey,
    get pki() {
      return pki.at(context.now());
    },
    now,
    log,
    publicUrl: config.publicUrl ?? '',
    smdp: (accountSid, unit) =>
      builtInSmdp({ accountSid, smdpAddress: context.config.smdpAddress, masterKey, unit }),
    operator: operatorHere,
    ...unitsOf(store, () => context.now(), wake),
    wake,
  };
  const warnOfPki = pkiWarner(context);
  warnOfPki();
  await warnOfOthers(secrets, context);
  const firstAccount = await firstStart(
    { account: secrets.account, testStock: config.testStock },
    context,
  );
  await warnOfOtherToken(secrets, context);
  // Closed together, so neither keeps serving while the other waits for its clients.
  const listeners: (() => Promise<void>)[] = [];
  started.defer(async () => void (await allEnded(listeners.map((close) => close()))));
  const es9 = await buildEs9Plus(context);
  listeners.push(closerOf(es9));
  const es9Address = await es9.listen({ host: config.es9Host, port: config.es9Port });
  const es9Url = es9Address.replace(/^http:/, 'https:');
  context.config = withEs9Port(config, Number(new URL(es9Url).port || 443));
  const app = await buildApi(context, operations);
  registerSessionRoutes(app, context);
  await registerConsole(app, consoleFolder);
  listeners.push(closerOf(app));
  const address = await app.listen({ host: config.host, port: config.port });
  context.publicUrl ||= address;
  lock.listensOn(address);
  if (config.publicUrl === undefined && ['0.0.0.0', '::'].includes(config.host)) {
    log.warn(
      `SIMWRIGHT_PUBLIC_URL is not set: the URLs in responses begin with ${address}, ` +
        'which other machines cannot reach',
    );
  }
  started.defer(startJobs(context, loops, pki, warnOfPki));
  const running = started.move();
  return {
    context,
    app,
    es9Url,
    firstAccount,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Checks that the server can listen, before it creates anything or answers. */
async function tryToListen(host: string, port: number): Promise<void> {
  const listener = createServer().listen({ host, port });
  await once(listener, 'listening');
  await promisify(listener.close.bind(listener))();
}

/** Warnings about anything but the certificates. */
async function warnOfOthers(secrets: Secrets, context: Context): Promise<void> {
  const { config, store, masterKey, log } = context;
  const looseKey =
    secrets.masterKey === undefined ? looseModeWarning(config.masterKeyFile) : undefined;
  if (looseKey !== undefined) log.warn(`The master key ${looseKey}`);
  for (const warning of await sharedSecretWarnings(store, masterKey)) log.warn(warning);
}

/** Settings do not change the token of an existing account; warn if they differ. */
async function warnOfOtherToken({ account }: Secrets, context: Context): Promise<void> {
  if (account === undefined) return;
  const { sid, authToken } = account;
  const caller = await authenticate(sid, authToken, context.masterKey, context.store);
  if (typeof caller !== 'string') return;
  context.log.warn(
    { account: sid },
    'SIMWRIGHT_AUTH_TOKEN is not the auth token of this account, which is not changed; ' +
      '`simwright account rotate-token` makes a new one',
  );
}

/** @returns a function that stops them all */
function startJobs(
  context: Context,
  loops: Map<LoopName, Loop>,
  pki: CurrentPki,
  warnOfPki: () => void,
): () => Promise<void> {
  const delivery = deliverer(context);
  const jobs = [
    reservation(context),
    callbacks(delivery),
    certificates(pki, warnOfPki),
    sims(context),
    clock(context),
    housekeeping(context, warnOfPki),
  ];
  for (const { name, everyMs, turn } of jobs) {
    loops.set(name, startLoop(name, everyMs, context.log, turn));
  }
  return async () => {
    await Promise.all(Array.from(loops.values(), (loop) => loop.stop()));
    await delivery.drain();
  };
}
