#!/usr/bin/env bash
# Three libraries for PostgreSQL resolve a transaction that PostgreSQL has rolled back.
#
# Expected: `await transaction(...)` resolves only if what it wrote was committed.
#
# What happens: after a statement has failed, PostgreSQL refuses the further ones of the transaction (25P02,
# https://www.postgresql.org/docs/18/errcodes-appendix.html), but not COMMIT: it rolls back, and answers
# without an error, with the command tag ROLLBACK. If the callback caught the error, say because a duplicate
# is harmless, only that tag tells what happened, and these libraries do not look at it: the promise resolves
# with the callback's result, and everything that the transaction wrote is gone. On SQLite and MySQL the same
# code keeps what was written, because there a duplicate fails one statement and not the transaction.
#
# Two read the situation differently: Kysely compares the tag and rejects; postgres.js rejects with the error
# that the callback had caught.
#
# Versions: resolving: drizzle-orm 0.45.4, knex 3.3.0, pg-promise 12.7.1, all over pg 8.23.1. Rejecting: kysely
# 0.29.9, postgres 3.4.9. PGlite 0.5.14 (PostgreSQL 18.6).
#
# Here: Kysely, and a COMMIT that is answered with ROLLBACK is an error (decision 31).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --omit=peer --no-audit --no-fund --loglevel=error @electric-sql/pglite@0.5.14 \
  @electric-sql/pglite-socket@0.2.17 pg@8.23.1 drizzle-orm@0.45.4 knex@3.3.0 pg-promise@12.7.1 \
  kysely@0.29.9 postgres@3.4.9
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { sql as drizzleSql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import knex from 'knex';
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely';
import pg from 'pg';
import pgPromise from 'pg-promise';
import postgres from 'postgres';

const database = await PGlite.create();
await database.exec(`create table profiles (iccid text primary key)`);
const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 8 });
const listening = new Promise((resolve) => {
  server.addEventListener('listening', ({ detail }) => resolve(detail.port));
});
await server.start();
const connection = {
  host: '127.0.0.1',
  port: await listening,
  user: 'postgres',
  password: 'postgres',
  database: 'postgres',
};

const FIRST = "insert into profiles values ('8988307000000000123')";
const DUPLICATE = "insert into profiles values ('8988307000000000008')";
/** The callback of each transaction; `run` executes one statement. */
async function work(run) {
  await run(FIRST);
  await run(DUPLICATE).catch(() => {});
  return 'done';
}

const ATTEMPTS = {
  async 'drizzle-orm'() {
    const pool = new pg.Pool({ ...connection, max: 1 });
    const transaction = drizzle(pool).transaction((tx) => work((sql) => tx.execute(drizzleSql.raw(sql))));
    return [transaction, () => pool.end()];
  },
  async knex() {
    const db = knex({ client: 'pg', connection, pool: { min: 0, max: 1 } });
    return [db.transaction((tx) => work(async (sql) => tx.raw(sql))), () => db.destroy()];
  },
  async 'pg-promise'() {
    const db = pgPromise()({ ...connection, max: 1 });
    return [db.tx((tx) => work((sql) => tx.none(sql))), () => db.$pool.end()];
  },
  async kysely() {
    const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: 1 }) }) });
    const transaction = db.transaction().execute((tx) => work((sql) => kyselySql.raw(sql).execute(tx)));
    return [transaction, () => db.destroy()];
  },
  async postgres() {
    const db = postgres({ ...connection, max: 1, ssl: false, fetch_types: false });
    return [db.begin((tx) => work(async (sql) => tx.unsafe(sql))), () => db.end()];
  },
};

const seen = {};
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  await database.exec(`delete from profiles; insert into profiles values ('8988307000000000008')`);
  const [transaction, end] = await attempt();
  const outcome = await transaction.then((value) => `resolved: ${value}`, ({ message }) => `rejected: ${message}`);
  await end();
  const { rows } = await database.query('select count(*)::int as count from profiles');
  seen[name] = [outcome, rows[0].count];
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  console.log(`${name} ${version}: ${outcome}; rows afterwards: ${rows[0].count}`);
}
const lost = ['resolved: done', 1];
assert.deepEqual(seen, {
  'drizzle-orm': lost,
  knex: lost,
  'pg-promise': lost,
  kysely: ['rejected: Transaction was rolled back instead of committed', 1],
  postgres: ['rejected: duplicate key value violates unique constraint "profiles_pkey"', 1],
});
await server.stop();
await database.close();
JS
node finding.mjs
echo "The behaviour is the one recorded above."
