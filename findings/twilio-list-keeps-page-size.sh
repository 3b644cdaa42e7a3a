#!/usr/bin/env bash
# The Twilio SDK for Node writes into the options of list(), and a later call with them uses the page size of
# the first.
#
# Expected: list(options) reads its options. `limit` is documented as the "Upper limit for the number of
# records to return", and `pageSize` as "How many resources to return in each list page. The default is 50,
# and the maximum is 1000." (lib/rest/supersim/v1/esimProfile.d.ts).
#
# What happens: list() and each() store `pageSize: limit` in the caller's object, beside functions of their
# own. An object that is kept, say a filter of which only `limit` is raised, keeps the page size of its first
# use: after `limit: 1`, a list of 200 takes 200 requests. The result is right, so nothing shows it but the
# number of requests, or 429. And nothing observes the maximum: `limit: 2000` by itself asks for
# PageSize=2000.
#
# Versions: twilio 6.2.0 (npm), with an HTTP client of our own, as documented, that answers.
#
# Here: a PageSize above 1000 counts as 1000 instead of being refused (docs/divergences.md).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error twilio@6.2.0
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import twilio from 'twilio';

const { version } = createRequire(import.meta.url)('twilio/package.json');
const URL_OF_LIST = 'https://supersim.twilio.com/v1/ESimProfiles';
const TOTAL = 1000;
/** The page sizes of the requests. */
let sizes = [];
const httpClient = {
  async request({ uri, params }) {
    const query = new URL(uri).searchParams;
    const size = Number(params?.PageSize ?? query.get('PageSize'));
    const from = Number(query.get('From') ?? 0);
    sizes.push(size);
    const count = Math.min(size, TOTAL - from);
    const next = from + count < TOTAL ? `${URL_OF_LIST}?PageSize=${size}&From=${from + count}` : null;
    const records = Array.from({ length: count }, (_, n) => ({ sid: `HP${from + n}`, status: 'new' }));
    return { statusCode: 200, body: { esim_profiles: records, meta: { key: 'esim_profiles', next_page_url: next } } };
  },
};
const { esimProfiles } = twilio(`AC${'0'.repeat(32)}`, 'token', { httpClient }).supersim.v1;
async function list(options) {
  sizes = [];
  const records = await esimProfiles.list(options);
  return { records: records.length, requests: sizes.length, PageSize: sizes[0] };
}

const kept = { status: 'new', limit: 1 };
const seen = { 'limit 1': await list(kept) };
const names = Object.keys(kept).toSorted();
kept.limit = 200;
seen['limit 200, in the same object'] = await list(kept);
seen['limit 200, in a new object'] = await list({ status: 'new', limit: 200 });
seen['limit 2000'] = await list({ limit: 2000 });
console.log(`twilio ${version}: properties of the options after the first call: ${names.join(', ')}`);
console.log(seen);
assert.deepEqual(names, ['callback', 'done', 'limit', 'pageSize', 'status']);
assert.deepEqual(seen, {
  'limit 1': { records: 1, requests: 1, PageSize: 1 },
  'limit 200, in the same object': { records: 200, requests: 200, PageSize: 1 },
  'limit 200, in a new object': { records: 200, requests: 1, PageSize: 200 },
  'limit 2000': { records: 1000, requests: 1, PageSize: 2000 },
});
JS
node finding.mjs
echo "The behaviour is the one recorded above."
