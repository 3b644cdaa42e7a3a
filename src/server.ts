// The server: the API and the background loops, on one store.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { OPERATIONS } from './api/operations.ts';
import { buildApi } from './api/routes.ts';
import { CLOCK_CHECK_MS, clockChecker } from './process/clock-check.ts';
import type { Config, Secrets } from './config.ts';
import { withEs9Port } from './config.ts';
import { registerConsole } from './console/routes.ts';
import { registerSessionRoutes } from './console/session-routes.ts';
import type { Context } from './context.ts';
import { lockData, openData } from './data.ts';
import { buildEs9Plus } from './es9plus/routes.ts';
import { closerOf } from './process/listener-close.ts';
import type { Loop, LoopName } from './process/loop.ts';
import { startLoop } from './process/loop.ts';
import { looseModeWarning } from './process/private-files.ts';
import { authenticate } from './operator/account/account.ts';
import { firstStart } from './first-start.ts';
import type { FirstAccount } from './first-start.ts';
import { endExpiredOrders } from './smdp/download/order-expiry.ts';
import { readPki } from './smdp/pki/pki.ts';
import { hostWarnings, pkiWarnings } from './smdp/pki/pki-warnings.ts';
import { reserveBatch } from './operator/reserve.ts';
import { pruneRspLog } from './smdp/download/rsp-log-retention.ts';
import { sharedSecretWarnings } from './smdp/package/shared-secrets.ts';
import { settleScheduledSims } from './operator/sim.ts';
import { ensureTestTls } from './smdp/pki/test-pki.ts';
import { deliverer } from './webhook/deliver.ts';

/** From the sources as from what they are built into. */
const CONSOLE_FOLDER = join(import.meta.dirname, '../dist/console/app');
const BATCH = 50;
/** How soon work is noticed that another process has left. */
const LOOK_MS = 1_000;
const FORGOTTEN_AT_ONCE = 200;
const HOUSEKEEPING_MS = 60 * 60 * 1_000;
/** The log of callbacks is kept for a month. */
const CALLBACK_LIFETIME_MS = 30 * 24 * 60 * 60 * 1_000;
/** Idempotency-Keys are remembered for a day, as clients expect. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000;

export interface Server extends AsyncDisposable {
  context: Context;
  app: FastifyInstance;
  /** Where devices reach ES9+: https://HOST:PORT */
  es9Url: string;
  /** The account that this start has made. */
  firstAccount: FirstAccount | undefined;
}

/** Listens when the promise resolves. Disposing of it finishes what is under way. */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Logger,
  operations = OPERATIONS,
  consoleFolder = CONSOLE_FOLDER,
): Promise<Server> {
  const lock = await lockData(config);
  const loops = new Map<LoopName, Loop>();
  const closing: (() => Promise<unknown>)[] = [async () => lock.release()];
  async function close(): Promise<void> {
    for (const step of closing.splice(0)) await step();
  }
  try {
    const { store, masterKey } = await openData(config, secrets);
    closing.unshift(() => store.close());
    await tryToListen(config.host, config.port);
    await tryToListen(config.es9Host, config.es9Port);
    await ensureTestTls(store, masterKey, config.smdpAddress, store.now());
    const pki = await readPki(store, masterKey, config.outdatedCrl);
    const context: Context = {
      config,
      store,
      masterKey,
      get pki() {
        return pki.at(context.now());
      },
      now: () => store.now(),
      log,
      publicUrl: config.publicUrl ?? '',
      wake: (name) => loops.get(name)?.wake(),
    };
    const looseKey =
      secrets.masterKey === undefined ? looseModeWarning(config.masterKeyFile) : undefined;
    if (looseKey !== undefined) log.warn(`The master key ${looseKey}`);
    const warnOfPki = pkiWarner(context);
    warnOfPki();
    for (const warning of hostWarnings(context.pki, config.smdpAddress)) log.warn(warning);
    for (const warning of await sharedSecretWarnings(store, masterKey)) log.warn(warning);
    const firstAccount = await firstStart(
      store,
      masterKey,
      { account: secrets.account, testStock: config.testStock },
      context.now(),
    );
    await warnOfOtherToken(secrets, context);
    const es9 = await buildEs9Plus(context);
    const closeEs9 = closerOf(es9);
    closing.unshift(closeEs9);
    const es9Address = await es9.listen({ host: config.es9Host, port: config.es9Port });
    const es9Url = es9Address.replace(/^http:/, 'https:');
    context.config = withEs9Port(config, Number(new URL(es9Url).port || 443));
    const app = await buildApi(context, operations);
    registerSessionRoutes(app, context);
    await registerConsole(app, consoleFolder);
    const closeApi = closerOf(app);
    closing[0] = () => Promise.all([closeApi(), closeEs9()]);
    const address = await app.listen({ host: config.host, port: config.port });
    context.publicUrl ||= address;
    lock.listensOn(address);
    if (config.publicUrl === undefined && ['0.0.0.0', '::'].includes(config.host)) {
      log.warn(
        `SIMWRIGHT_PUBLIC_URL is not set: the URLs in answers begin with ${address}, ` +
          'which other machines cannot reach',
      );
    }
    closing.unshift(startLoops(context, loops, warnOfPki));
    return { context, app, es9Url, firstAccount, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nothing is made, and nobody is answered, before it is known that the server can listen. */
async function tryToListen(host: string, port: number): Promise<void> {
  const listener = createServer().listen({ host, port });
  await once(listener, 'listening');
  await promisify(listener.close.bind(listener))();
}

/** The token of an account that exists is not changed by a setting; whoever set it should know. */
async function warnOfOtherToken({ account }: Secrets, context: Context): Promise<void> {
  if (account === undefined) return;
  const { sid, authToken } = account;
  const caller = await authenticate(sid, authToken, context.masterKey, context.store);
  if (typeof caller !== 'string') return;
  context.log.warn(
    { account: sid },
    'SIMWRIGHT_AUTH_TOKEN is not the auth token of this account, which stays as it is; ' +
      '`simwright account rotate-token` makes a new one',
  );
}

/** @returns logs what is to be known of the certificates and was not logged yet */
export function pkiWarner(context: Pick<Context, 'pki' | 'now' | 'log'>): () => void {
  let logged = new Set<string>();
  return () => {
    const warnings = new Set(pkiWarnings(context.pki, context.now()));
    for (const warning of warnings.difference(logged)) context.log.warn(warning);
    logged = warnings;
  };
}

/** @returns stops them all */
function startLoops(
  context: Context,
  loops: Map<LoopName, Loop>,
  warnOfPki: () => void,
): () => Promise<void> {
  const { store, log, now } = context;
  const callbacks = deliverer(context);
  const checkClock = clockChecker(store, log);
  const work: [LoopName, number, () => Promise<boolean>][] = [
    [
      'reservation',
      LOOK_MS,
      async () => {
        if (!(await store.esimProfiles.anyToReserve())) return false;
        const reserved = await reserveBatch(context, BATCH);
        context.wake('callbacks');
        return reserved === BATCH;
      },
    ],
    ['callbacks', LOOK_MS, () => callbacks.deliverDue()],
    [
      'sims',
      LOOK_MS,
      async () => {
        if (!(await store.sims.anyScheduled())) return false;
        const settled = await settleScheduledSims(store, now(), BATCH);
        context.wake('callbacks');
        return settled === BATCH;
      },
    ],
    [
      'clock',
      CLOCK_CHECK_MS,
      async () => {
        await checkClock();
        return false;
      },
    ],
    [
      'housekeeping',
      HOUSEKEEPING_MS,
      async () => {
        warnOfPki();
        const date = now().getTime();
        const expired = await endExpiredOrders(context, BATCH);
        if (expired > 0) context.wake('callbacks');
        const forgotten = await store.transaction(async (tables) => {
          await tables.idempotencyKeys.deleteBefore(new Date(date - KEY_LIFETIME_MS).toISOString());
          await tables.consoleSessions.deleteExpired(new Date(date).toISOString());
          await tables.rspSessions.deleteExpired(new Date(date).toISOString());
          const old = new Date(date - CALLBACK_LIFETIME_MS).toISOString();
          return (await tables.callbacks.deleteSettledBefore(old, FORGOTTEN_AT_ONCE)) > 0;
        });
        return expired > 0 || forgotten || (await pruneRspLog(context, FORGOTTEN_AT_ONCE)) > 0;
      },
    ],
  ];
  for (const [name, everyMs, turn] of work) loops.set(name, startLoop(name, everyMs, log, turn));
  return async () => {
    await Promise.all(Array.from(loops.values(), (loop) => loop.stop()));
    await callbacks.drain();
  };
}
