#!/usr/bin/env bash
# pino rounds a bigint in a message, and pino-pretty shows another number than pino wrote.
#
# Expected: the number. `%d` formats a bigint with all its digits in console.log and util.format
# (https://nodejs.org/docs/latest-v26.x/api/util.html, util.format), and pino's messages have the same
# placeholders (docs/api.md of pino, "Logging Method Parameters"). JSON.stringify, which has no number for a
# bigint, throws.
#
# What happens: `%d` goes through Number, so of an ICCID or a 64-bit id the last digits become zeros. As a
# property, a bigint is written with all its digits as a JSON number, which is correct JSON, but most readers
# parse it as a double (RFC 8259 §6): JSON.parse, and with it pino-pretty, shows the rounded one. The line in
# the file and the line on the screen have two different ids, and searching for the one on the screen finds
# nothing. `%s` is exact.
#
# 64-bit integers arrive as bigint from node:sqlite (readBigInts), PGlite, Prisma and process.hrtime.bigint().
#
# Versions: pino 10.4.0, pino-pretty 13.2.0.
#
# Here: ids and ICCIDs are text everywhere, also in the log.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pino@10.4.0 pino-pretty@13.2.0
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { format } from 'node:util';
import pino from 'pino';
import { prettyFactory } from 'pino-pretty';

const require = createRequire(import.meta.url);
const ICCID = 8988307000000000123n;
const lines = [];
const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });
log.info('%d %s', ICCID, ICCID);
log.info({ iccid: ICCID });
const pretty = prettyFactory({ colorize: false });

const seen = {
  message: JSON.parse(lines[0]).msg,
  'util.format': format('%d %s', ICCID, ICCID),
  property: lines[1].trim(),
  parsed: String(JSON.parse(lines[1]).iccid),
  pretty: pretty(lines[1]).replace(/\s+/g, ' ').trim(),
};
console.log(`pino ${require('pino/package.json').version}, pino-pretty ${require('pino-pretty/package.json').version}`);
console.log(`logged: ${ICCID}n`, seen);
assert.deepEqual(seen, {
  message: '8988307000000000000 8988307000000000123',
  'util.format': '8988307000000000123n 8988307000000000123n',
  property: '{"level":30,"iccid":8988307000000000123}',
  parsed: '8988307000000000000',
  pretty: 'INFO: iccid: 8988307000000000000',
});
JS
node finding.mjs
echo "The behaviour is the one recorded above."
