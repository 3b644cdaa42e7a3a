// Metrics from the database: the same for every node, so one process of each server reads them, and whoever puts nodes
// together takes the highest. They are read when metrics are asked for, and kept for a while; nobody waits long for them.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Counter, Gauge } from 'prom-client';
import type { Context } from '../context.ts';
import { ESIM_PROFILE_STATUSES, mayFollow } from '../operator/esim-profile.ts';
import { partsOf } from '../operator/statistics/count-events.ts';
import { rotationFigures } from '../rotation/figures.ts';
import type { EimOperationFigures } from '../store/figures.ts';
import type { CrlPointRow } from '../store/schema.ts';
import { dateOfSid } from '../values/sid.ts';
import { Kept } from './kept.ts';
import type { Metrics } from './metrics.ts';

/** How long what costs little is kept. */
const KEPT_MS = 5_000;
/** Reading about all accounts takes at most this share of the time. */
const READING_SHARE = 1 / 25;
/** How long metrics wait for it. */
const PATIENCE_MS = 1_000;
const ACCOUNTS_AT_ONCE = 100;
/** Of an account. */
const MOST_PROFILE_TYPES = 1_000;
/** As long as an RSP session lives. */
const SESSION_MS = 30 * 60 * 1_000;
const STEPS = ['authenticated', 'bound'];

const HOUR_MS = 60 * 60 * 1_000;
/** An eUICC that has not polled for so long is silent. */
const SILENT_MS = 24 * HOUR_MS;
const EUICC_STATES = ['registered', 'associated', 'left'];
const OPEN_OPERATIONS = ['queued', 'sent'];
const ENDED_OPERATIONS = ['completed', 'failed', 'no_result', 'cancelled'];

/** Where an order comes from. */
const NONE = 'none';
/** Prometheus does not see a counter rise that begins with 1. */
const POSSIBLE_STEPS = [
  { from: NONE, to: 'new' },
  ...ESIM_PROFILE_STATUSES.flatMap((from) =>
    ESIM_PROFILE_STATUSES.flatMap((to) => (mayFollow(from, to) ? { from, to } : [])),
  ),
];

/** Enough of a key identifier, or a fingerprint, to tell CAs apart. */
const issuerLabel = ({ issuer }: CrlPointRow) => issuer.slice(0, 8);

const OUTBOXES = ['callbacks', 'progress_reports'] as const;
type OutboxName = (typeof OUTBOXES)[number];

/** Of one outbox. */
interface Outstanding {
  pending: number;
  failed: number;
  /** Of the oldest that is pending. */
  oldest: Date | undefined;
}

/** About all accounts. */
interface Totals {
  /** Changes of status, by the statistics' detail. */
  steps: Map<string, number>;
  stock: Map<string, number>;
  outboxes: Record<OutboxName, Outstanding>;
  /** By status. */
  euiccs: Map<string, number>;
  /** Those that obey us, and have not polled for a day. */
  silentEuiccs: number;
}

type DatabaseContext = Pick<Context, 'store' | 'now' | 'log'>;

/** Adds them to the metrics of this process. */
export function addDatabaseMetrics(metrics: Metrics, { store, now, log }: DatabaseContext): void {
  const { figures } = store;
  const show = gaugesOf(metrics);
  const quick = new Kept(
    async () => ({
      engine: await figures.engine(),
      queues: await figures.queues(),
      crlPoints: await store.crlPoints.list(),
      rotation: await rotationFigures(store),
      eim: await figures.eimOperations(new Date(now().getTime() - HOUR_MS).toISOString()),
      sessions: await figures.sessions(
        new Date(now().getTime() - SESSION_MS).toISOString(),
        now().toISOString(),
      ),
    }),
    () => KEPT_MS,
  );
  const totals = new Kept(readTotals, (tookMs) => Math.max(KEPT_MS, tookMs / READING_SHARE));
  let told: string | undefined;

  async function readTotals(): Promise<Totals> {
    const read: Totals = {
      steps: new Map(),
      stock: new Map(),
      outboxes: {
        callbacks: { pending: 0, failed: 0, oldest: undefined },
        progress_reports: { pending: 0, failed: 0, oldest: undefined },
      },
      euiccs: new Map(),
      silentEuiccs: 0,
    };
    await addEuiccs(read);
    for (let after = ''; ;) {
      const accounts = await figures.accounts(after, ACCOUNTS_AT_ONCE);
      for (const { detail, count } of await figures.steps(accounts)) {
        add(read.steps, detail, count);
      }
      for (const account of accounts) {
        // A database that answers synchronously must not hold up requests.
        await nextTurn();
        await addStock(account, read.stock);
        const found = await figures.oldest(account);
        await addOutbox('callbacks', account, found.pendingCallback, found.failedCallback, read);
        await addOutbox('progress_reports', account, found.pendingReport, found.failedReport, read);
      }
      if (accounts.length < ACCOUNTS_AT_ONCE) return read;
      after = accounts.at(-1)!;
    }
  }

  async function addEuiccs(read: Totals): Promise<void> {
    const seenBefore = new Date(now().getTime() - SILENT_MS).toISOString();
    for (let after: string | undefined = ''; after !== undefined;) {
      await nextTurn();
      const { counts, next } = await figures.euiccs(after, seenBefore);
      for (const { status, count, silent } of counts) {
        add(read.euiccs, status, count);
        if (status === 'associated') read.silentEuiccs += silent;
      }
      after = next;
    }
  }

  async function addStock(account: string, stock: Map<string, number>): Promise<void> {
    for (const type of await figures.profileTypes(account, MOST_PROFILE_TYPES)) {
      const count = await countAll((after) => figures.countStock(account, type, after));
      add(stock, metrics.profileType(type), count);
    }
  }

  async function addOutbox(
    name: OutboxName,
    account: string,
    pending: string | null,
    failed: string | null,
    { outboxes }: Totals,
  ): Promise<void> {
    const count = (state: 'pending' | 'failed') =>
      countAll((after) => figures.countOutbox(name, account, state, after));
    const outstanding = outboxes[name];
    if (failed !== null) outstanding.failed += await count('failed');
    if (pending === null) return;
    outstanding.pending += await count('pending');
    const date = dateOfSid(pending);
    if (outstanding.oldest === undefined || date < outstanding.oldest) outstanding.oldest = date;
  }

  /** Logs when the figures cannot be read, and when they can again; not that the database is away, which others do. */
  function tell(error: Error | undefined): void {
    const { message } = error ?? {};
    if (message === told) return;
    told = message;
    if (error === undefined) log.info('metrics: the database is read again');
    else if (!store.isUnavailable(error)) log.warn({ err: error }, 'metrics: figures are missing');
  }

  metrics.onCollect(async () => {
    const reading = Promise.all([quick.renew(), totals.renew()]);
    await Promise.race([reading, sleep(PATIENCE_MS, undefined, { ref: false })]);
    const isUp = quick.error === undefined && quick.value !== undefined;
    tell(quick.error ?? totals.error);
    show.up.set(isUp ? 1 : 0);
    // What was true before the database went away would only mislead.
    showQuick(isUp ? quick.value : undefined);
    showTotals(isUp && totals.error === undefined ? totals.value : undefined);
  });

  function showQuick(given: (typeof quick)['value']): void {
    const { size, log: logSize, logWritten } = show;
    const { rotation: rotating } = show;
    empty(size, logSize, logWritten, show.sessions, ...Object.values(show.queues));
    empty(...Object.values(show.crls));
    empty(rotating.age, rotating.left, ...Object.values(show.operations));
    if (given === undefined) return;
    const { engine, queues, sessions, crlPoints, rotation, eim } = given;
    const { since, rowsLeft } = rotation;
    rotating.age.set(
      since === undefined ? 0 : Math.max(0, now().getTime() - since.getTime()) / 1_000,
    );
    rotating.left.set(rowsLeft);
    showOperations(eim);
    size.set(engine.sizeBytes);
    if (engine.logBytes !== undefined) logSize.set(engine.logBytes);
    if (engine.logBytesWritten !== undefined) logWritten.inc(engine.logBytesWritten);
    for (const step of STEPS) show.sessions.set({ step }, 0);
    for (const { step, count } of sessions) show.sessions.set({ step }, count);
    show.queues.batches.set(queues.batches);
    show.queues.batchItems.set(queues.batchItems);
    show.queues.smdsEvents.set(queues.smdsEvents);
    show.queues.es2plusTasks.set(queues.es2plusTasks);
    for (const [issuer, points] of Map.groupBy(crlPoints, issuerLabel)) {
      // Of several points, the one that is worst off.
      const fetched = points.map(({ date_fetched: date }) =>
        date === null ? 0 : Date.parse(date),
      );
      show.crls.failures.set({ issuer }, Math.max(...points.map(({ failures }) => failures)));
      show.crls.fetched.set({ issuer }, Math.min(...fetched) / 1_000);
    }
  }

  function showOperations({ open, ended }: EimOperationFigures): void {
    for (const status of OPEN_OPERATIONS) {
      const found = open.find((one) => one.status === status);
      const age = found === undefined ? 0 : now().getTime() - dateOfSid(found.oldest).getTime();
      show.operations.open.set({ status }, found?.count ?? 0);
      show.operations.oldest.set({ status }, Math.max(age, 0) / 1_000);
    }
    for (const outcome of ENDED_OPERATIONS) {
      const found = ended.find((one) => one.outcome === outcome);
      show.operations.ended.set({ outcome }, found?.count ?? 0);
    }
  }

  function showTotals(given: Totals | undefined): void {
    empty(show.profiles, show.steps, show.stock, show.euiccs, show.silentEuiccs);
    for (const { rows, oldest } of Object.values(show.outboxes)) empty(rows, oldest);
    if (given === undefined) return;
    const profiles = new Map<string, number>(ESIM_PROFILE_STATUSES.map((status) => [status, 0]));
    for (const labels of POSSIBLE_STEPS) show.steps.inc(labels, 0);
    for (const [detail, count] of given.steps) {
      const [from, to] = partsOf(detail);
      show.steps.inc({ from: from || NONE, to }, count);
      if (from !== '') add(profiles, from, -count);
      add(profiles, to, count);
    }
    for (const [status, count] of profiles) show.profiles.set({ status }, count);
    for (const [type, count] of given.stock) show.stock.set({ profile_type: type }, count);
    for (const status of EUICC_STATES) {
      show.euiccs.set({ status }, given.euiccs.get(status) ?? 0);
    }
    show.silentEuiccs.set(given.silentEuiccs);
    for (const name of OUTBOXES) {
      const { pending, failed, oldest } = given.outboxes[name];
      const gauges = show.outboxes[name];
      gauges.rows.set({ state: 'pending' }, pending);
      gauges.rows.set({ state: 'failed' }, failed);
      const age = oldest === undefined ? 0 : now().getTime() - oldest.getTime();
      gauges.oldest.set(Math.max(age, 0) / 1_000);
    }
  }
}

function gaugesOf(metrics: Metrics) {
  const gauge = (
    name: string,
    help: string,
    labels: string[] = [],
    together: 'max' | 'min' = 'max',
  ) => metrics.gauge(`simwright_${name}`, help, labels, together);
  return {
    up: gauge('database_up', 'Whether the database answers: 1 or 0.', [], 'min'),
    size: gauge('database_size_bytes', 'Size of the database.'),
    log: gauge('sqlite_wal_bytes', "Size of SQLite's write-ahead log."),
    logWritten: metrics.sharedCounter(
      'simwright_postgres_wal_bytes_total',
      "Bytes that were ever written to PostgreSQL's write-ahead log.",
      [],
    ),
    profiles: gauge('esim_profiles', 'eSIM Profiles, by status.', ['status']),
    steps: metrics.sharedCounter(
      'simwright_esim_profile_steps_total',
      'Changes of the status of eSIM Profiles.',
      ['from', 'to'],
    ),
    stock: gauge('stock', 'Subscriptions in stock.', ['profile_type']),
    sessions: gauge('rsp_sessions', 'RSP sessions under way, by their last step.', ['step']),
    outboxes: {
      callbacks: {
        rows: gauge('callbacks', 'Callbacks that are pending, or were given up.', ['state']),
        oldest: gauge('callbacks_oldest_pending_seconds', 'Age of the oldest pending callback.'),
      },
      progress_reports: {
        rows: gauge(
          'progress_reports',
          'Reports to operators that are pending, or were given up.',
          ['state'],
        ),
        oldest: gauge(
          'progress_reports_oldest_pending_seconds',
          'Age of the oldest pending report to an operator.',
        ),
      },
    },
    euiccs: gauge('euiccs', 'eUICCs of the eIM, by status.', ['status']),
    silentEuiccs: gauge(
      'euiccs_silent',
      'eUICCs that are associated, and whose devices have not polled for a day.',
    ),
    operations: {
      open: gauge('eim_operations', 'Operations on eUICCs that have not ended, by status.', [
        'status',
      ]),
      oldest: gauge(
        'eim_oldest_operation_seconds',
        'How long ago the oldest operation in this status was asked for; 0: there is none.',
        ['status'],
      ),
      ended: gauge(
        'eim_operations_ended',
        'Operations on eUICCs that have ended in the last hour, by outcome.',
        ['outcome'],
      ),
    },
    crls: {
      failures: gauge(
        'crl_fetch_failures',
        'Attempts to fetch the CRL of a CA that have failed since the last that did not.',
        ['issuer'],
      ),
      fetched: gauge(
        'crl_fetched_timestamp_seconds',
        'When the CRL of a CA was last fetched; 0: never.',
        ['issuer'],
      ),
    },
    rotation: {
      age: gauge(
        'master_key_rotation_seconds',
        'How long ago the rotation of the master key began that is under way; 0: none is.',
      ),
      left: gauge(
        'master_key_rotation_rows_left',
        'Rows that the rotation of the master key has still to look at.',
      ),
    },
    queues: {
      batches: gauge('batches_running', 'Batches under way.'),
      batchItems: gauge('batch_items_waiting', 'Items of these batches that are not settled yet.'),
      smdsEvents: gauge(
        'smds_events_waiting',
        'Events that are to be registered at, or deleted from, an SM-DS.',
      ),
      es2plusTasks: gauge(
        'rented_smdp_tasks',
        'Orders, and changes of orders, under way at a rented SM-DP+.',
      ),
    },
  };
}

/** Until they are set again, they are not there. */
function empty(...all: (Counter | Gauge)[]): void {
  for (const one of all) {
    one.reset();
    one.remove({});
  }
}

/** @param slice counts a part, and says where to go on */
async function countAll(
  slice: (after: string) => Promise<{ count: number; next: string | undefined }>,
): Promise<number> {
  let total = 0;
  for (let after: string | undefined = ''; after !== undefined;) {
    await nextTurn();
    const { count, next } = await slice(after);
    total += count;
    after = next;
  }
  return total;
}

function add<Key>(to: Map<Key, number>, key: Key, count: number): void {
  to.set(key, (to.get(key) ?? 0) + count);
}
