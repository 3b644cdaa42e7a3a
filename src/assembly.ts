// A server that is wired but does not listen: data, context, both edges and the background loops.
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { currentAuditKey } from './audit/audit-key.ts';
import { DeniedRequests } from './audit/denied.ts';
import { OPERATIONS } from './api/operations.ts';
import { buildApi } from './api/routes.ts';
import { chooseSmdp } from './choose-smdp.ts';
import type { Config, Secrets } from './config.ts';
import { registerConsole } from './console/routes.ts';
import { registerSessionRoutes } from './console/session-routes.ts';
import type { Context } from './context.ts';
import type { Data } from './data.ts';
import { openEim } from './eim-side.ts';
import type { Es9Plus } from './es9plus/routes.ts';
import type { Esipa } from './esipa/listener.ts';
import { registerInstallPages } from './install/routes.ts';
import { audit } from './jobs/audit.ts';
import { batches } from './jobs/batches.ts';
import { clock } from './jobs/clock.ts';
import { expiry } from './jobs/expiry.ts';
import type { Job } from './jobs/job.ts';
import { housekeeping } from './jobs/housekeeping.ts';
import { masterKey as masterKeyJob } from './jobs/master-key.ts';
import { outbox } from './jobs/outbox.ts';
import { reservation } from './jobs/reservation.ts';
import { sims } from './jobs/sims.ts';
import { statistics } from './jobs/statistics.ts';
import { whenChanged } from './jobs/when-changed.ts';
import { witness } from './jobs/witness.ts';
import { Metrics } from './metrics/metrics.ts';
import { Admission } from './process/admission.ts';
import { Turns } from './process/turns.ts';
import type { Listener } from './process/listener-close.ts';
import type { Loop, LoopName } from './process/loop.ts';
import { startLoop } from './process/loop.ts';
import { Draining } from './process/draining.ts';
import type { Peers } from './process/peers.ts';
import { ALONE } from './process/peers.ts';
import { secretFrom } from './process/secret-source.ts';
import { looseModeWarning } from './process/private-files.ts';
import type { ServerCounts } from './process/server-counts.ts';
import { OwnCounts } from './process/server-counts.ts';
import { authenticate } from './operator/account/account.ts';
import { firstStart } from './first-start.ts';
import type { FirstAccount } from './first-start.ts';
import { hearPeers } from './hear-peers.ts';
import { operatorSide } from './operator-side.ts';
import { RENTED_SMDP } from './operator/rented/rented.ts';
import { operatorHere } from './operator/operator-here.ts';
import { KeyHolder } from './rotation/holders.ts';
import { smdpSide } from './smdp-side.ts';
import type { Signing } from './signing.ts';
import { sharedSecretWarnings } from './smdp/package/shared-secrets.ts';
import type { Tracer } from './traces/tracer.ts';
import { unitsOf } from './unit.ts';
import { callbackDeliverer } from './webhook/deliver.ts';
import type { CallbackDeliverer } from './webhook/deliver.ts';

/** The same path from the sources and from the build. */
const CONSOLE_FOLDER = join(import.meta.dirname, '../dist/console/app');

export interface Assembly {
  context: Context;
  /** Not listening yet, like the others. */
  api: FastifyInstance;
  es9: Es9Plus | undefined;
  /** Undefined if it is not to be served. */
  es2: Listener | undefined;
  /** Undefined if there is no eIM. */
  esipa: Esipa | undefined;
  /** The account created by this start. */
  firstAccount: FirstAccount | undefined;
  /** Starts the background loops. @returns a function that stops them all */
  startJobs(): () => Promise<void>;
}

/** What a process is of its server. */
export interface Part {
  peers: Peers;
  counts: ServerCounts;
  metrics: Metrics;
  tracer?: Tracer;
  signing?: Signing;
}

/** Of a server that is one process. */
export const wholeServer = (): Part => ({
  peers: ALONE,
  counts: new OwnCounts(),
  metrics: new Metrics(),
});

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
  const now = () => store.now();
  const { rentedSmdp } = config;
  const side =
    rentedSmdp === undefined
      ? await smdpSide(config, data, now, log, part.signing?.signers)
      : operatorSide(config, rentedSmdp);
  const loops = new Map<LoopName, Loop>();
  const wake = (name: LoopName) => loops.get(name)?.wake();
  let delivery: CallbackDeliverer | undefined;
  const units = unitsOf(store, () => context.now(), {
    wake,
    reached: (status, ms) => part.metrics.orderReached(status, ms),
    sids: data.sids,
    auditKey: currentAuditKey(masterKey),
  });
  const address = () => context.config.smdpAddress;
  const chosen = chooseSmdp(
    config,
    address,
    { store, masterKey, transact: units.transact },
    log,
    part.metrics,
  );
  const turns = new Turns();
  const context: Context = {
    config,
    store,
    masterKey,
    get pki() {
      return side.pkiAt(context.now());
    },
    now,
    log,
    publicUrl: config.publicUrl ?? '',
    smdp: chosen.smdp,
    rented: chosen.rented,
    operator: (accountSid, unit) => operatorHere(accountSid, context, unit),
    ...units,
    transact: chosen.transact,
    wake,
    draining: new Draining(),
    testReceiver: (account, target) => delivery!.test(account, target),
    async beginRehearsal(account, callback) {
      const { beginRehearsal } = await import('./rehearsal/rehearse.ts');
      return beginRehearsal(account, callback, context);
    },
    denied: new DeniedRequests(),
    turns,
    admission: new Admission({ most: config.maxRequests, log, turns }),
    ...part,
  };
  const delivering = callbackDeliverer(context);
  delivery = delivering;
  hearPeers(context);
  const holder = new KeyHolder({ ...context, askAgain: masterKeyCommand(secrets) });
  await holder.look();
  // What concerns the whole server, one worker does.
  const { isStart, number } = part.peers;
  const firstAccount = isStart ? await beginServer(secrets, context) : undefined;
  const opened = await side.open(context);
  const { es9, es2 } = opened;
  const eimSide = await openEim(context, es9);
  context.eim = eimSide?.eim;
  const api = await buildApi(context, operations);
  registerSessionRoutes(api, context);
  registerInstallPages(api, context);
  await registerConsole(api, consoleFolder);

  function startJobs(): () => Promise<void> {
    const jobs = [
      reservation((limit) => chosen.reserve(context, limit)),
      batches(context),
      outbox('callbacks', delivering, context),
      sims(context),
      expiry(context),
      clock(context),
      masterKeyJob(holder),
      statistics(context),
      audit(context),
      ...opened.jobs,
      ...(eimSide?.jobs ?? []),
      ...(number === 1 ? [housekeeping(context, () => side.warn()), witness(context)] : []),
    ];
    for (const { name, everyMs, turn } of jobs.map((job) => whenChanged(job, store))) {
      loops.set(name, startLoop(name, everyMs, log, measured(name, turn, context)));
    }
    return async () => {
      await Promise.all(Array.from(loops.values(), (loop) => loop.stop()));
      await Promise.all([
        delivering.drain(),
        opened.drain(),
        eimSide?.drain(),
        enterDenied(context),
      ]);
      chosen.close();
      eimSide?.close();
      // If the database is away, it forgets this process by itself.
      await holder.leave().catch(() => {});
    };
  }

  return { context, api, es9, es2, esipa: eimSide?.esipa, firstAccount, startJobs };
}

function masterKeyCommand({ masterKeyCommand: command }: Secrets) {
  if (command === undefined) return undefined;
  return () => secretFrom('SIMWRIGHT_MASTER_KEY', { kind: 'command', command });
}

/** What was denied since it was last entered. */
async function enterDenied({ denied, transact, log }: Context): Promise<void> {
  await denied
    .enter(transact, Infinity)
    .catch((error: unknown) => log.warn({ err: error }, 'denied requests were not entered'));
}

/** A job's turn, counted. */
function measured(
  name: LoopName,
  turn: Job['turn'],
  { metrics, now }: Pick<Context, 'metrics' | 'now'>,
): Job['turn'] {
  return async () => {
    const started = performance.now();
    let outcome: 'done' | 'failed' = 'failed';
    try {
      const isMore = await turn();
      outcome = 'done';
      return isMore;
    } finally {
      metrics.jobTurn(name, outcome, performance.now() - started, now());
    }
  };
}

/** What a server does once, before it serves. */
async function beginServer(secrets: Secrets, context: Context): Promise<FirstAccount | undefined> {
  await warnOfOthers(secrets, context);
  await rememberSmdp(context);
  const { testStock } = context.config;
  const stock = context.rented === undefined ? testStock : 0;
  const firstAccount = await firstStart({ account: secrets.account, testStock: stock }, context);
  await warnOfOtherToken(secrets, context);
  return firstAccount;
}

/** Orders at one SM-DP+ cannot be changed at another. */
async function rememberSmdp({ config, store, transact, log }: Context): Promise<void> {
  const before = await store.settings.find(RENTED_SMDP);
  const url = config.rentedSmdp?.url;
  if (before !== undefined && before !== url) {
    log.warn(
      `The orders of this database were placed at the rented SM-DP+ ${before}; ` +
        'those that go on can be changed, and are reported, only there',
    );
  }
  if (url !== undefined && url !== before) {
    await transact(({ tables }) => tables.settings.set(RENTED_SMDP, url));
  }
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
