// SIMWRIGHT_TEST_MATCHING_IDS: the matching IDs of test suites, from the order to the download, and who is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../server.ts';
import { newPhone } from './phone.ts';

test('§4.1.1 matching IDs with underscores, and short ones, are ordered and downloaded if a setting allows them; the log warns', async () => {
  await using server = await startTestServer({
    es9: true,
    stock: 2,
    env: { SIMWRIGHT_TEST_MATCHING_IDS: 'on' },
  });
  for (const matchingId of ['AC_WITH_CC', 'T_1']) {
    const order = await server.order({ MatchingId: matchingId });
    assert.equal(order.matching_id, matchingId);
    assert.equal(order.activation_code, `1$${server.config.smdpAddress}$${matchingId}`);
    await newPhone(server).download(`LPA:${order.activation_code}`);
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    assert.equal(json.status, 'installed');
  }
  const refused = await server.request('/v1/ESimProfiles', { form: { MatchingId: 'lower' } });
  assert.equal(
    refused.json.message,
    "Invalid parameter MatchingId: expected 1 to 128 capital letters, digits, dashes and underscores; got 'lower'",
  );
  const warned = server.logged.filter((line) => line.includes('SIMWRIGHT_TEST_MATCHING_IDS is on'));
  assert.deepEqual(
    warned.map((line) => (JSON.parse(line) as { level: number }).level),
    [40],
  );
});
