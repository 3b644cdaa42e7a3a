#!/usr/bin/env bash
# pg with `pipeline: true`: after a failure in a transaction, statements sent along with it fail with 26000,
# even behind the ROLLBACK.
#
# Expected: "A failing query in the middle of a batch does not break the other queries", and "Named prepared
# statements work with pipelining" (https://node-postgres.com/features/pipelining). Of what is sent in one go,
# the statements behind the failed one are refused with 25P02 until the ROLLBACK, and those behind the
# ROLLBACK succeed. Without `pipeline`, that is what happens.
#
# What happens: pg sends the Parse of a named statement once, with its first use. If that use is behind the
# failure, PostgreSQL refuses it together with its Parse, so the statement is never prepared. The uses already
# sent behind it count on it: they fail with 26000, "prepared statement does not exist", instead of 25P02; and
# so does one behind the ROLLBACK, in a new transaction or none, which has nothing to do with the failure.
# Only when the answers have arrived does pg forget the name and prepare it with the next use. A pool hands
# out the connection as healthy, and a retry succeeds, so it appears as a rare error under load.
#
# Versions: pg 8.23.1, PGlite 0.5.14 (PostgreSQL 18.6), connected by pg's option `stream`.
#
# Here: a transaction is told what failed first, not what came of it, and it ends only when all of its answers
# are there, so no statement is ever behind a ROLLBACK (decision 31).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pg@8.23.1 @electric-sql/pglite@0.5.14
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

/** What pg writes goes to PostgreSQL, whose answer is what pg reads. */
class Connection extends Duplex {
  #database;
  constructor(database) {
    super();
    this.#database = database;
  }
  connect() {
    setImmediate(() => this.emit('connect'));
  }
  setNoDelay() {}
  _read() {}
  _writev(chunks, done) {
    this.#answer(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }
  _write(chunk, _encoding, done) {
    this.#answer(chunk).then(() => done(), done);
  }
  async #answer(request) {
    this.push(Buffer.from(await this.#database.execProtocolRaw(new Uint8Array(request))));
  }
}

const database = await PGlite.create();

async function run(pipeline) {
  await database.exec('deallocate all');
  const client = new pg.Client({
    stream: () => new Connection(database),
    user: 'postgres',
    database: 'postgres',
    pipeline,
  });
  await client.connect();
  const divide = (by) => client.query({ name: 'divide', text: 'select 1 / $1::int', values: [by] });
  const count = (n) => client.query({ name: 'count', text: 'select $1::int', values: [n] });
  const results = await Promise.allSettled([
    client.query('begin'),
    divide(0),
    count(1),
    count(2),
    client.query('rollback'),
    count(3),
    divide(1),
  ]);
  const outcomes = results.map(({ value, reason }) => reason?.code ?? value.command);
  const later = await count(4).then(({ command }) => command, ({ code }) => code);
  return { together: outcomes, later };
}

const require = createRequire(import.meta.url);
console.log(`pg ${require('pg/package.json').version}; begin, divide by 0, count, count, rollback, count, divide by 1`);
const waiting = await run(false);
console.log('one after the other', waiting);
const pipelined = await run(true);
console.log('pipelined', pipelined);
assert.deepEqual(waiting, {
  together: ['BEGIN', '22012', '25P02', '25P02', 'ROLLBACK', 'SELECT', 'SELECT'],
  later: 'SELECT',
});
assert.deepEqual(pipelined, {
  together: ['BEGIN', '22012', '25P02', '26000', 'ROLLBACK', '26000', 'SELECT'],
  later: 'SELECT',
});
await database.close();
JS
node --no-deprecation finding.mjs
echo "The behaviour is the one recorded above."
