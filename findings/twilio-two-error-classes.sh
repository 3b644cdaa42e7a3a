#!/usr/bin/env bash
# The Twilio SDK for Node throws two unrelated classes for the same problem details, and list() loses their
# text.
#
# Expected: "you can import and use `RestException` directly" and test `error instanceof RestException`; it
# has `status`, `code` and `message` (README, "Using RestException for Better Error Handling"). RFC 9457
# §3.1.4: `detail` is the explanation of this occurrence, for people.
#
# What happens: version 6 recognises problem details with a `code`, as Twilio's newer APIs answer, and throws
# TwilioServiceException instead. It is not a RestException, the entry point does not export it, and its
# message is made from `title`, so `detail` shows only to those who know the property. list(), page() and
# each() do not know the class: from the same answer they make a RestException whose message is undefined. So
# code by the README misses a refused create() or fetch(), and logs "undefined" for a refused list(). With the
# older form of error, all three are alike.
#
# Versions: twilio 6.2.0 (npm), with an HTTP client of our own, as documented, that answers.
#
# Here: errors keep the older form, {code, message, more_info, status}, on every operation.
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
const BODIES = {
  'older form': { code: 20001, message: 'Eid is malformed', more_info: 'https://example.com/20001', status: 400 },
  'problem details': {
    type: 'https://example.com/20001',
    title: 'Invalid parameter',
    status: 400,
    detail: 'Eid is malformed',
    code: 20001,
  },
};
const CALLS = {
  create: (profiles) => profiles.create({ eid: 'x' }),
  fetch: (profiles) => profiles('HP1').fetch(),
  list: (profiles) => profiles.list({ eid: 'x' }),
};
async function thrown(body, call) {
  const httpClient = { request: async () => ({ statusCode: 400, body }) };
  const { esimProfiles } = twilio(`AC${'0'.repeat(32)}`, 'token', { httpClient }).supersim.v1;
  const error = await call(esimProfiles).catch((reason) => reason);
  return [error.constructor.name, error instanceof twilio.RestException, error.message];
}

const seen = {};
for (const [form, body] of Object.entries(BODIES)) {
  seen[form] = {};
  for (const [name, call] of Object.entries(CALLS)) seen[form][name] = await thrown(body, call);
}
console.log(`twilio ${version}: class, whether a RestException, message`);
console.log(seen);
const legacy = ['RestException', true, 'Eid is malformed'];
const service = ['TwilioServiceException', false, '[HTTP 400] Invalid parameter'];
assert.deepEqual(seen, {
  'older form': { create: legacy, fetch: legacy, list: legacy },
  'problem details': { create: service, fetch: service, list: ['RestException', true, undefined] },
});
assert.equal('TwilioServiceException' in twilio, false);
JS
node finding.mjs
echo "The behaviour is the one recorded above."
