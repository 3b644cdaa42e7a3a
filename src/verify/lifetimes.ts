import { sql } from 'kysely';
import {
  SESSION_LIFETIME_SECONDS,
  TICKET_LIFETIME_SECONDS,
} from '../operator/account/console-session.ts';
import {
  OUTBOX_LIFETIME_MS,
  HOUSEKEEPING_EVERY_MS,
  IDEMPOTENCY_KEY_LIFETIME_MS,
  INSTALL_LINK_KEPT_MS,
} from '../process/retention.ts';
import { SESSION_LIFETIME_MS } from '../smdp/download/begun-session.ts';
import { KEPT_MS as SESSION_KEPT_MS } from '../smdp/download/session-retention.ts';
import { HAS_LOG, NOT_DUE } from '../store/rsp-sessions.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { walk } from './slices.ts';

/** A deletion may be due for a whole period, and then take a while. */
const GRACE_MS = HOUSEKEEPING_EVERY_MS + 15 * 60 * 1_000;
/** Clocks of machines, and a paused process, may make a time longer by so much. */
const LONGER_MS = 15 * 60 * 1_000;

/**
 * Only servers delete. So what counts is not what time it is, but when one last wrote: a database that lies still, or
 * a backup, has nothing to answer for.
 */
export const lifetimes: Invariant = {
  name: 'lifetimes',
  promise:
    'No session, lock, key, order or link outlives its time, and none is made to last longer than it may; no batch stands still.',
  tables: ['callbacks', 'progress_reports'],
  check: (evidence) =>
    oneByOne(
      sessions(evidence),
      sessionsAndLogs(evidence),
      consoleSessions(evidence),
      consoleTickets(evidence),
      idempotencyKeys(evidence),
      outbox('callbacks', evidence),
      outbox('progress_reports', evidence),
      orders(evidence),
      installLinks(evidence),
      batches(evidence),
    ),
};

const before = ({ lastWritten }: Evidence, lifetimeMs: number) =>
  new Date(lastWritten.getTime() - lifetimeMs - GRACE_MS).toISOString();

function sessions(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  const unboundLimit = before(evidence, SESSION_KEPT_MS);
  const latest = new Date(evidence.now.getTime() + SESSION_KEPT_MS + LONGER_MS).toISOString();
  return walk(
    evidence,
    'rsp_sessions',
    (rows) =>
      rows.flatMap((row) => {
        const { date_due: due, date_expires: expires } = row;
        const name = `session ${row.transaction_id}`;
        // A session is kept as long as its log.
        if (due === NOT_DUE) return tooLong(row, name, SESSION_LIFETIME_MS);
        // Older versions, and older nodes of a cluster, leave the date empty.
        if (due !== '' && (due < limit || due > latest)) {
          return [violation(row, name, `whether it can be deleted was to be decided at ${due}`)];
        }
        if (row.smdp_sign === null && expires < unboundLimit) {
          return [
            violation(row, name, `it expired at ${expires} without a package, and still exists`),
          ];
        }
        return tooLong(row, name, SESSION_LIFETIME_MS);
      }),
    { columns: ['account_sid', 'smdp_sign', 'date_created', 'date_expires', 'date_due'] },
  );
}

function sessionsAndLogs(evidence: Evidence): AsyncIterable<Violation> {
  return walk(
    evidence,
    'rsp_sessions',
    (rows) =>
      rows.map((row) => {
        const name = `session ${row.transaction_id}`;
        const has = row.date_due === NOT_DUE ? 'no log' : 'a log';
        return violation(
          row,
          name,
          `it has ${has}, and whether it can be deleted is due at ${row.date_due}`,
        );
      }),
    {
      columns: ['account_sid', 'date_due'],
      where: sql<boolean>`(${HAS_LOG}) <> (log is not null)`,
    },
  );
}

function consoleSessions(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  return walk(evidence, 'console_sessions', (rows) =>
    rows.flatMap((row) => {
      const name = `console session ${row.id_hash}`;
      if (row.date_expires >= limit) return tooLong(row, name, SESSION_LIFETIME_SECONDS * 1_000);
      return [violation(row, name, `it expired at ${row.date_expires}, and still exists`)];
    }),
  );
}

function consoleTickets(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  return walk(evidence, 'console_tickets', (rows) =>
    rows.flatMap((row) => {
      const name = `console ticket ${row.ticket_hash}`;
      if (row.date_expires >= limit) return tooLong(row, name, TICKET_LIFETIME_SECONDS * 1_000);
      return [violation(row, name, `it expired at ${row.date_expires}, and still exists`)];
    }),
  );
}

function idempotencyKeys(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, IDEMPOTENCY_KEY_LIFETIME_MS);
  return walk(
    evidence,
    'idempotency_keys',
    (rows) =>
      rows.map((row) => {
        const name = `Idempotency-Key ${row.idempotency_key}`;
        return violation(row, name, `it is of ${row.date_created}, and still exists`);
      }),
    { columns: ['date_created'], where: sql<boolean>`date_created < ${limit}` },
  );
}

/** Orders that nobody has downloaded by their time. */
function orders(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  return walk(
    evidence,
    'esim_profiles',
    (rows) =>
      rows.map((row) => {
        return violation(row, row.sid, `it expired at ${row.expires_at}, but is ${row.status}`);
      }),
    {
      columns: ['status', 'expires_at'],
      where: sql<boolean>`expires_at is not null and expires_at < ${limit}
        and status in ('new', 'reserving', 'available')`,
    },
  );
}

function installLinks(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, INSTALL_LINK_KEPT_MS);
  return walk(
    evidence,
    'install_links',
    (rows) =>
      rows.map((row) =>
        violation(row, row.sid, `it expired at ${row.date_expires}, and still exists`),
      ),
    { columns: ['date_expires'], where: sql<boolean>`date_expires < ${limit}` },
  );
}

/** Whatever happens, some node goes on with it. */
function batches(evidence: Evidence): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  return walk(
    evidence,
    'batches',
    (rows) =>
      rows.map((row) => {
        const { sid, step, date_worked: worked } = row;
        return violation(
          row,
          sid,
          `its next step is ${step}, but nothing was done since ${worked}`,
        );
      }),
    {
      columns: ['step', 'date_worked'],
      where: sql<boolean>`step is not null and date_worked < ${limit}`,
    },
  );
}

function outbox(
  table: 'callbacks' | 'progress_reports',
  evidence: Evidence,
): AsyncIterable<Violation> {
  const limit = before(evidence, 0);
  const settledLimit = before(evidence, OUTBOX_LIFETIME_MS);
  const latest = new Date(evidence.now.getTime() + LONGER_MS).toISOString();
  return walk(
    evidence,
    table as 'callbacks',
    (rows) =>
      rows.flatMap((row) => {
        const { locked_until: locked, date_settled: settled } = row;
        if (locked !== null && row.state === 'pending' && (locked < limit || locked > latest)) {
          return [violation(row, row.sid, `it is locked until ${locked}`)];
        }
        if (settled === null || row.state === 'pending' || settled >= settledLimit) return [];
        return [violation(row, row.sid, `it was settled at ${settled}, and still exists`)];
      }),
    { columns: ['state', 'locked_until', 'date_settled'] },
  );
}

function tooLong(
  row: { account_sid: string | null; date_created: string; date_expires: string },
  name: string,
  lifetimeMs: number,
): Violation[] {
  const { date_created: created, date_expires: expires } = row;
  if (Date.parse(expires) <= Date.parse(created) + lifetimeMs + LONGER_MS) return [];
  return [violation(row, name, `it is of ${created} and expires at ${expires}, which is too late`)];
}
