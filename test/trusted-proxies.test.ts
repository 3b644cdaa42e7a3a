// The address of a client behind a proxy: X-Forwarded-For is trusted only from trusted proxies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApi } from '../src/api/routes.ts';
import { listRspLog } from '../src/smdp/download/rsp-log.ts';
import { LPA_HEADERS, placeOf, post, stepsOf, toBase64 } from './es9plus/calls.ts';
import { startTestServer } from './server.ts';
import type { TestServer } from './server.ts';

const FORWARDED = { 'X-Forwarded-For': '203.0.113.7, 198.51.100.9' };

/** The address in the RSP log for a call forwarded by a proxy on this machine. */
async function es9Address(server: TestServer): Promise<string | null> {
  const order = await server.order({ GenerateMatchingId: 'true' });
  const result = await stepsOf(server, order.matching_id).install();
  const members = { pendingNotification: toBase64(result) };
  await post(placeOf(server), 'handleNotification', members, { ...LPA_HEADERS, ...FORWARDED });
  const { store } = server.server.context;
  const about = { accountSid: server.account.username, order: order.sid };
  return (await listRspLog(about, store)).at(-1)!.address;
}

async function apiAddress(server: TestServer): Promise<string> {
  const app = await buildApi(server.server.context);
  app.get('/address', async (request) => ({ address: request.ip }));
  const { body } = await app.inject({ url: '/address', headers: FORWARDED });
  await app.close();
  return (JSON.parse(body) as { address: string }).address;
}

for (const [title, proxies, expected] of [
  ['no trusted proxy: the connecting address', '', '127.0.0.1'],
  ['another trusted proxy: the connecting address', '10.0.0.0/8', '127.0.0.1'],
  ['a trusted proxy: the forwarded address', '127.0.0.0/8', '198.51.100.9'],
  [
    'so is the one before it: the address that that one names',
    '127.0.0.1,198.51.100.9',
    '203.0.113.7',
  ],
] as const) {
  test(title, async () => {
    await using server = await startTestServer({
      es9: true,
      stock: 1,
      env: { SIMWRIGHT_TRUSTED_PROXIES: proxies },
    });
    assert.deepEqual([await es9Address(server), await apiAddress(server)], [expected, expected]);
  });
}
