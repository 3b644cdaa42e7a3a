#!/usr/bin/env bash
# The Twilio SDK for Node calls another host than the configured one if its name has more than five labels.
#
# Expected: a request for https://esim.ns.svc.k8s.example.com/... goes to that host. The base URL of a product
# is a public property (`client.supersim.baseUrl`), and `client.request({ method, uri })` takes any URL; both
# are used to reach a server in a test cluster, a proxy or a mock instead of twilio.com.
#
# What happens: every URL goes through getHostname(), which reads any name as product.edge.region.domain
# (https://www.twilio.com/docs/global-infrastructure) and puts it together again from those five labels. A
# sixth and further ones are dropped from the middle, silently: the request, with its credentials, goes to a
# host that nobody named, or fails with the name of a host that appears in no configuration. Up to five labels
# and IP addresses are kept. The options `region` and `edge`, set for another product or by TWILIO_REGION and
# TWILIO_EDGE, are put into any name, in place of labels that were there.
#
# Versions: twilio 6.2.0 (npm), with an HTTP client of our own, as documented, that records the URL.
#
# Here: nothing, since such a request never arrives.
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
const SID = `AC${'0'.repeat(32)}`;
const EMPTY = { esim_profiles: [], meta: { key: 'esim_profiles', next_page_url: null } };
/** The host to which the list is requested. */
async function requested(host, options) {
  let url;
  const httpClient = {
    async request({ uri }) {
      url = new URL(uri);
      return { statusCode: 200, body: EMPTY };
    },
  };
  const client = twilio(SID, 'token', { ...options, httpClient });
  client.supersim.baseUrl = `https://${host}`;
  await client.supersim.v1.esimProfiles.list();
  const byProperty = url.hostname;
  await client.request({ method: 'get', uri: `https://${host}/v1/ESimProfiles` });
  assert.equal(url.hostname, byProperty);
  return byProperty;
}

delete process.env.TWILIO_REGION;
delete process.env.TWILIO_EDGE;
const HOSTS = [
  'localhost',
  '192.0.2.1',
  'esim.example.com',
  'esim.eu.lab.example.com',
  'esim.ns.svc.k8s.example.com',
  'esim.a.b.c.d.example.com',
];
const seen = {};
for (const host of HOSTS) seen[host] = await requested(host);
console.log(`twilio ${version}: configured and requested`, seen);
assert.deepEqual(seen, {
  localhost: 'localhost',
  '192.0.2.1': '192.0.2.1',
  'esim.example.com': 'esim.example.com',
  'esim.eu.lab.example.com': 'esim.eu.lab.example.com',
  'esim.ns.svc.k8s.example.com': 'esim.ns.svc.example.com',
  'esim.a.b.c.d.example.com': 'esim.a.b.example.com',
});
const withRegion = await requested('esim.eu.lab.example.com', { region: 'ie1', edge: 'dublin' });
console.log('esim.eu.lab.example.com, with region ie1 and edge dublin:', withRegion);
assert.equal(withRegion, 'esim.dublin.ie1.example.com');
JS
node finding.mjs
echo "The behaviour is the one recorded above."
