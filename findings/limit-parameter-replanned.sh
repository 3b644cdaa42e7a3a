#!/usr/bin/env bash
# `limit ?`: SQLite and PostgreSQL plan a prepared statement again and again because of this parameter.
#
# Expected: a statement that is prepared once and executed many times is planned once (SQLite) or a few times
# (PostgreSQL). SQLite names the parameters whose binding makes it prepare a statement again: in the WHERE
# clause, to the right of LIKE or GLOB, or compared with an indexed column if SQLite was compiled with
# SQLITE_ENABLE_STAT4 (https://sqlite.org/c3ref/prepare.html, third point). PostgreSQL makes five custom plans
# and then keeps a generic one unless its cost is much higher
# (https://www.postgresql.org/docs/18/sql-prepare.html, Notes).
#
# What happens: SQLite 3.53.4, without STAT4 and without a WHERE clause, prepares a statement again at every
# execution if LIMIT is a parameter, also with the same value; 3.54.1 only when the value has changed. A
# parameter as OFFSET, or compared with an indexed column, has no such effect in either. In PostgreSQL a
# generic plan must assume that the parameter lets a tenth of the rows through; that plan looks so expensive
# that it is never taken, however often the statement is executed with `limit 50`. With the number in the
# text, both plan as expected. Of a short query by index, planning is the larger part.
#
# The counts are the databases' own and exact: SQLITE_STMTSTATUS_REPREPARE, and pg_prepared_statements.
#
# Versions: @sqlite.org/sqlite-wasm 3.53.4-build2 and 3.54.1-build1 (node:sqlite of Node 26.12.1, with SQLite
# 3.54.0, is like the former), PGlite 0.5.14 (PostgreSQL 18.6).
#
# Here: the size of a page is written into the text of the statement (src/store/flavor.ts, decision 31).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @electric-sql/pglite@0.5.14 \
  sqlite-3.53.4@npm:@sqlite.org/sqlite-wasm@3.53.4-build2 sqlite-3.54.1@npm:@sqlite.org/sqlite-wasm@3.54.1-build1
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';

const EXECUTIONS = 20;

/** @param values by the number of the execution */
const STATEMENTS = {
  'limit 50': ['select sid from profiles order by sid limit 50'],
  'limit ?, always 50': ['select sid from profiles order by sid limit ?', () => 50],
  'limit ?, another each time': ['select sid from profiles order by sid limit ?', (n) => 50 + n],
  'offset ?, another each time': ['select sid from profiles order by sid limit 50 offset ?', (n) => n],
  'eid = ?, another each time': ['select sid from profiles where eid = ? limit 50', (n) => `${n}`],
};
async function preparedAgain(name) {
  const { default: load } = await import(name);
  const { capi, oo1, version } = await load();
  const database = new oo1.DB(':memory:');
  database.exec('create table profiles (sid text primary key, eid text); create index by_eid on profiles (eid)');
  const counts = Object.entries(STATEMENTS).map(([what, [sql, value]]) => {
    const statement = database.prepare(sql);
    for (let n = 0; n < EXECUTIONS; n++) {
      if (value !== undefined) statement.bind([value(n)]);
      while (statement.step());
      statement.reset();
    }
    return [what, capi.sqlite3_stmt_status(statement.pointer, capi.SQLITE_STMTSTATUS_REPREPARE, 0)];
  });
  const seen = Object.fromEntries(counts);
  console.log(`SQLite ${version.libVersion}: prepared again, of ${EXECUTIONS} executions`, seen);
  return seen;
}

assert.deepEqual(await preparedAgain('sqlite-3.53.4'), {
  'limit 50': 0,
  'limit ?, always 50': EXECUTIONS,
  'limit ?, another each time': EXECUTIONS,
  'offset ?, another each time': 0,
  'eid = ?, another each time': 0,
});
assert.deepEqual(await preparedAgain('sqlite-3.54.1'), {
  'limit 50': 0,
  'limit ?, always 50': 1,
  'limit ?, another each time': EXECUTIONS,
  'offset ?, another each time': 0,
  'eid = ?, another each time': 0,
});

const postgres = await PGlite.create();
const version = await postgres.query('select version()');
await postgres.exec(`
  create table profiles (sid int primary key, eid text);
  insert into profiles select n, n::text from generate_series(1, 100000) n;
  analyze profiles;
  prepare in_text (int) as select * from profiles where sid > $1 order by sid limit 50;
  prepare parameter (int, int) as select * from profiles where sid > $1 order by sid limit $2;`);
for (let n = 0; n < EXECUTIONS; n++) {
  await postgres.exec(`execute in_text(${n}); execute parameter(${n}, 50)`);
}
const { rows } = await postgres.query(
  'select name, custom_plans, generic_plans from pg_prepared_statements order by name',
);
console.log(version.rows[0].version.split(' on ')[0], rows);
assert.deepEqual(rows, [
  { name: 'in_text', custom_plans: 5, generic_plans: EXECUTIONS - 5 },
  { name: 'parameter', custom_plans: EXECUTIONS, generic_plans: 0 },
]);
await postgres.close();
JS
node finding.mjs
echo "The behaviour is the one recorded above."
