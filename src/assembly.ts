// A server that is wired but does not listen: data, context, both edges and the background loops.
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { OPERATIONS } from './api/operations.ts';
import { buildApi } from './api/routes.ts';
import type { Config, Secrets } from './config.ts';
import { registerConsole } from './console/routes.ts';
import { registerSessionRoutes } from './console/session-routes.ts';
import type { Context } from './context.ts';
import type { Data } from './data.ts';
import { buildEs2Plus } from './es2plus/listener.ts';
import type { Es9Plus } from './es9plus/routes.ts';
import { buildEs9Plus } from './es9plus/routes.ts';
import { registerInstallPages } from './install/routes.ts';
import { batches } from './jobs/batches.ts';
import { callbacks } from './jobs/callbacks.ts';
import { certificates } from './jobs/certificates.ts';
import { clock } from './jobs/clock.ts';
import { expiry } from './jobs/expiry.ts';
import { housekeeping } from './jobs/housekeeping.ts';
import { reservation } from './jobs/reservation.ts';
import { sims } from './jobs/sims.ts';
import { smds } from './jobs/smds.ts';
import { statistics } from './jobs/statistics.ts';
import { stock } from './jobs/stock.ts';
import type { Listener } from './process/listener-close.ts';
import type { Loop, LoopName } from './process/loop.ts';
import { startLoop } from './process/loop.ts';
import type { Peers } from './process/peers.ts';
import { ALONE } from './process/peers.ts';
import { looseModeWarning } from './process/private-files.ts';
import type { ServerCounts } from './process/server-counts.ts';
import { OwnCounts } from './process/server-counts.ts';
import { authenticate } from './operator/account/account.ts';
import { firstStart } from './first-start.ts';
import type { FirstAccount } from './first-start.ts';
import { hearPeers } from './hear-peers.ts';
import { operatorHere } from './operator/operator-here.ts';
import { builtInSmdp } from './smdp/orders/built-in-smdp.ts';
import { ofAccounts } from './smdp/orders/order-context.ts';
import { smdpRole } from './smdp/orders/smdp-role.ts';
import { openOperatorTrust } from './smdp/operators/operator-trust.ts';
import { openPki } from './smdp/pki/current-pki.ts';
import { pkiWarner } from './smdp/pki/pki-warnings.ts';
import { sharedSecretWarnings } from './smdp/package/shared-secrets.ts';
import { ensureTestTls } from './smdp/pki/test-pki.ts';
import { announcer } from './smdp/smds/announcer.ts';
import { unitsOf } from './unit.ts';
import { deliverer } from './webhook/deliver.ts';
import type { Deliverer } from './webhook/deliver.ts';

/** The same path from the sources and from the build. */
const CONSOLE_FOLDER = join(import.meta.dirname, '../dist/console/app');

export interface Assembly {
  context: Context;
  /** Not listening yet, like the others. */
  api: FastifyInstance;
  es9: Es9Plus;
  /** Undefined if it is not to be served. */
  es2: Listener | undefined;
  /** The account created by this start. */
  firstAccount: FirstAccount | undefined;
  /** Starts the background loops. @returns a function that stops them all */
  startJobs(): () => Promise<void>;
}

/** What a process is of its server. */
export interface Part {
  peers: Peers;
  counts: ServerCounts;
}

/** Of a server that is one process. */
export const wholeServer = (): Part => ({ peers: ALONE, counts: new OwnCounts() });

/** @param data stays the caller's, who closes it */
export async function assemble(
  config: Config,
  secrets: Secrets,
  data: Data,
  log: Logger,
  operations = OPERATIONS,
  consoleFolder = CONSOLE_FOLDER,
  part: Part = wholeServer(),
): Promise<Assembly> {
  const { store, masterKey } = data;
  await ensureTestTls(config.smdpAddress, data);
  const now = () => store.now();
  const pki = await openPki({ config, store, masterKey, now, log });
  const loops = new Map<LoopName, Loop>();
  const wake = (name: LoopName) => loops.get(name)?.wake();
  let delivery: Deliverer | undefined;
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
      builtInSmdp({
        accountSid,
        smdpAddress: context.config.smdpAddress,
        testMatchingIds: config.testMatchingIds,
        masterKey,
        smds: ofAccounts(config.smds),
        unit,
      }),
    operator: (accountSid, unit) => operatorHere(accountSid, context, unit),
    ...unitsOf(store, () => context.now(), { wake, sids: data.sids }),
    wake,
    testReceiver: (account, target) => delivery!.test(account, target),
    async beginRehearsal(account, callback) {
      const { beginRehearsal } = await import('./rehearsal/rehearse.ts');
      return beginRehearsal(account, callback, context);
    },
    ...part,
  };
  const delivering = deliverer(context);
  const announcing = announcer(context);
  delivery = delivering;
  hearPeers(context);
  // What concerns the whole server, one worker does.
  const { isStart, number } = part.peers;
  const warnOfPki = number === 1 ? pkiWarner(context) : () => {};
  warnOfPki();
  const firstAccount = isStart ? await beginServer(secrets, context) : undefined;
  const es9 = buildEs9Plus(context);
  const trust = config.es2Port === undefined ? undefined : await openOperatorTrust(context);
  const es2 = trust === undefined ? undefined : buildEs2Plus([smdpRole(trust, context)], context);
  const api = await buildApi(context, operations);
  registerSessionRoutes(api, context);
  registerInstallPages(api, context);
  await registerConsole(api, consoleFolder);

  function startJobs(): () => Promise<void> {
    const jobs = [
      reservation(context),
      batches(context),
      callbacks(delivering, context),
      certificates(pki, warnOfPki, trust),
      sims(context),
      smds(announcing),
      expiry(context),
      clock(context),
      statistics(context),
      ...(number === 1 ? [housekeeping(context, warnOfPki), stock(context)] : []),
    ];
    for (const { name, everyMs, turn } of jobs) {
      loops.set(name, startLoop(name, everyMs, log, turn));
    }
    return async () => {
      await Promise.all(Array.from(loops.values(), (loop) => loop.stop()));
      await Promise.all([delivering.drain(), announcing.drain()]);
    };
  }

  return { context, api, es9, es2, firstAccount, startJobs };
}

/** What a server does once, before it serves. */
async function beginServer(secrets: Secrets, context: Context): Promise<FirstAccount | undefined> {
  await warnOfOthers(secrets, context);
  const { testStock } = context.config;
  const firstAccount = await firstStart({ account: secrets.account, testStock }, context);
  await warnOfOtherToken(secrets, context);
  return firstAccount;
}

/** Warnings about anything but the certificates. */
async function warnOfOthers(secrets: Secrets, context: Context): Promise<void> {
  const { config, store, masterKey, log } = context;
  const looseKey =
    secrets.masterKey === undefined ? looseModeWarning(config.masterKeyFile) : undefined;
  if (looseKey !== undefined) log.warn(`The master key ${looseKey}`);
  if (config.testMatchingIds) {
    log.warn(
      'SIMWRIGHT_TEST_MATCHING_IDS is on: matching IDs may have underscores, against SGP.22 §4.1.1, and be so short ' +
        'that they can be guessed. It is for test suites; turn it off wherever real devices download',
    );
  }
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
