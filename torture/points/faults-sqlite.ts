// Faults between the store and SQLite: in Node's driver, and in `fdatasync`, by which the store syncs the log.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { asTrial, currentOfDatabase, Dead } from './instance.ts';
import { replaceMethod } from './replace-method.ts';
import { Progress } from './statement.ts';

const prepared = new WeakMap<StatementSync, { connection: DatabaseSync; sql: string }>();
const progresses = new WeakMap<DatabaseSync, Progress>();
/** What the last commit was of. */
let committed = 'nothing';

export function watchSqlite(): void {
  replaceMethod(
    DatabaseSync.prototype,
    'exec',
    (exec) =>
      function (sql: string) {
        return attempt(this, sql, () => exec.call(this, sql));
      },
  );
  replaceMethod(
    DatabaseSync.prototype,
    'prepare',
    (prepare) =>
      function (sql: string, ...options) {
        const statement: StatementSync = prepare.call(this, sql, ...options);
        prepared.set(statement, { connection: this, sql });
        return statement;
      },
  );
  for (const name of ['all', 'get', 'run', 'iterate']) {
    replaceMethod(
      StatementSync.prototype,
      name,
      (method) =>
        function (...values) {
          const { connection, sql } = prepared.get(this)!;
          return attempt(connection, sql, () => method.apply(this, values));
        },
    );
  }
  replaceMethod(
    fs,
    'fdatasync',
    (fdatasync) => (handle: number, done: (error: Error | null) => void) =>
      attemptSync((learn) => fdatasync(handle, learn), done),
  );
  syncBuiltinESMExports();
}

function attempt<T>(connection: DatabaseSync, sql: string, carryOut: () => T): T {
  const instance = currentOfDatabase();
  if (instance === undefined) return carryOut();
  const progress = progresses.get(connection) ?? new Progress();
  progresses.set(connection, progress);
  const call = progress.callOf(sql);
  if (call.kind === 'commit') committed = progress.written;
  const fault = instance.pass(call);
  if (fault === 'full' && connection.isTransaction) asTrial(() => connection.exec('rollback'));
  if (fault === 'full') throw sqliteError(13, 'database or disk is full');
  if (fault === 'fail') throw sqliteError(call.kind === 'read' ? 266 : 778, 'disk I/O error');
  const result = carryOut();
  if (fault !== 'die-after') return result;
  instance.die();
  throw new Dead();
}

/** As node:sqlite's; codes: https://sqlite.org/rescode.html */
function sqliteError(errcode: number, errstr: string): Error {
  return Object.assign(new Error(errstr), { code: 'ERR_SQLITE_ERROR', errcode, errstr });
}

type Learn = (error: Error | null) => void;

function attemptSync(carryOut: (learn: Learn) => void, done: Learn): void {
  const instance = currentOfDatabase();
  if (instance === undefined) return carryOut(done);
  const fault = instance.pass({
    kind: 'sync',
    name: `sync-of-${committed}`,
    text: 'fdatasync of the log',
  });
  if (fault === 'fail') {
    const error = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    return process.nextTick(done, error);
  }
  if (fault !== 'die-after') return carryOut(done);
  return carryOut(() => {
    instance.die();
    done(new Dead());
  });
}
