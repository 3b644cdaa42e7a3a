// An IP address as SM-DP+ address, for a lab without DNS.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../postgres.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { statusOf } from './calls.ts';
import { newPhone } from './phone.ts';

describe('SIMWRIGHT_SMDP_ADDRESS=127.0.0.1:PORT', () => {
  let server: TestServer;
  before(async () => {
    const port = String(await freePort());
    server = await startTestServer({
      stock: 1,
      env: { SIMWRIGHT_SMDP_ADDRESS: `127.0.0.1:${port}`, SIMWRIGHT_ES9_PORT: port },
    });
  });
  after(() => server[Symbol.asyncDispose]());

  test('the test DPtls names it as iPAddress', () => {
    for (const { certificate } of server.server.context.pki.tls) {
      const { dNSName, iPAddress } = certificate.extensions.subjectAltName;
      assert.deepEqual([dNSName, iPAddress], [['localhost'], ['127.0.0.1']]);
    }
  });

  test('a phone downloads from it, without a warning from Node', async (context) => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    context.after(() => process.off('warning', note));
    const order = await server.order({ GenerateMatchingId: 'true' });
    assert.match(order.activation_code, /^1\$127\.0\.0\.1:\d+\$/);
    const phone = newPhone(server);
    await phone.download(order.activation_code);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    assert.deepEqual(warnings, []);
  });
});

test('activation codes contain the free port that ES9+ chose, and a phone downloads from it', async () => {
  await using server = await startTestServer({
    stock: 1,
    env: { SIMWRIGHT_SMDP_ADDRESS: '', SIMWRIGHT_ES9_PORT: '0' },
  });
  const order = await server.order({ GenerateMatchingId: 'true' });
  const { host } = new URL(server.server.es9Url.replace('127.0.0.1', 'localhost'));
  assert.equal(order.smdp_plus_address, host);
  assert.equal(order.activation_code, `1$${host}$${order.matching_id}`);
  await newPhone(server).download(order.activation_code);
  assert.equal(await statusOf(server, order.sid), 'installed Installed');
});
