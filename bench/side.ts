// One of two builds that are compared: its server, and what a turn of work costs there.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CONNECTIONS } from './child.ts';
import type { Server } from './child.ts';
import type { Kind } from './databases.ts';
import { databaseOf } from './databases.ts';
import type { Build } from './other-build.ts';
import { Pool } from './http.ts';
import { watchDatabase } from './proc.ts';

export interface Side {
  build: Build;
  kind: Kind;
  url: string;
  server: Server;
  /** Reads what the server, and a database of its own processes, have used. The last two readings enclose a turn. */
  readings: Reading[];
  /** Makes SQLite's log grow until it is disposed of, so that readings have its size. */
  holdLog(): Disposable;
}

interface Reading {
  cpu: number;
  database: number | undefined;
  log: number | undefined;
}

/** What one download or order costs. */
export interface Cost {
  /** CPU time of the server, in microseconds. */
  server: number;
  /** CPU time of PostgreSQL, in microseconds. */
  database: number | undefined;
  /** Bytes written to SQLite's log. */
  log: number | undefined;
}

/** @returns undefined if the database is not installed */
export async function openSide(
  build: Build,
  kind: Kind,
  folder: string,
  profiles: number,
  opened: AsyncDisposableStack,
): Promise<Side | undefined> {
  const own = join(folder, `against-${build.name.replaceAll(' ', '-')}`, kind);
  const databases = await build.databases.openDatabases(kind, own);
  if (databases === undefined) return undefined;
  opened.use(databases);
  const url = await databases.filled(profiles);
  return sideOf(build, kind, url, opened.use(await build.child.startChild(url, own)));
}

/** @param url of the database that `child` serves */
export async function sideOf(build: Build, kind: Kind, url: string, child: Server): Promise<Side> {
  const database = kind === 'sqlite' ? undefined : await watchDatabase(kind, url);
  const readings: Reading[] = [];
  // Builds of before 29 November wait forever on a connection that their server has closed because nothing was sent for a minute.
  const pool = await Pool.open(Number(new URL(child.url).port), CONNECTIONS);
  child.pool.close();
  let log: string | undefined;
  const server: Server = {
    ...child,
    pool,
    // Every build's benchmark asks for the usage just before a turn and just after it.
    async usage() {
      const usage = await child.usage();
      readings.push({
        cpu: usage.cpuMicroseconds,
        database: database?.(),
        log: log === undefined ? undefined : statSync(log).size,
      });
      return usage;
    },
  };
  return {
    build,
    kind,
    url,
    server,
    readings,
    holdLog() {
      const sqlite = databaseOf(url);
      if (sqlite.kind !== 'sqlite') throw new Error('only SQLite has a log that can be held');
      const db = new DatabaseSync(sqlite.file, { timeout: 10_000 });
      // As long as a reader needs it, the log is not begun anew.
      db.exec('pragma wal_checkpoint(truncate); begin; select count(*) from settings');
      log = `${sqlite.file}-wal`;
      return {
        [Symbol.dispose]() {
          log = undefined;
          db.close();
        },
      };
    },
  };
}

/** @param count what a turn consisted of */
export function costOfTurn({ readings }: Side, count: number): Cost {
  const [before, after] = readings.slice(-2) as [Reading, Reading];
  const each = (read: (reading: Reading) => number | undefined) => {
    const [first, last] = [read(before), read(after)];
    return first === undefined || last === undefined ? undefined : (last - first) / count;
  };
  return {
    server: each(({ cpu }) => cpu)!,
    database: each(({ database }) => database),
    log: each(({ log }) => log),
  };
}
