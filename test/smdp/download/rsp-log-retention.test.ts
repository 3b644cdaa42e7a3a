// Retention of the RSP log.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { SESSION_LIFETIME_MS } from '../../../src/smdp/download/begun-session.ts';
import { listRspLog } from '../../../src/smdp/download/rsp-log.ts';
import { pruneRspLog } from '../../../src/smdp/download/rsp-log-retention.ts';
import { onEachDatabase, serverOn } from '../../databases.ts';
import { moveClock, statusOf, stepsOf } from '../../es9plus/calls.ts';
import { eventually, startTestServer } from '../../server.ts';
import type { TestServer } from '../../server.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

async function download(server: TestServer): Promise<any> {
  const order = await server.order({ GenerateMatchingId: 'true' });
  const steps = stepsOf(server, order.matching_id);
  await steps.notify(await steps.install());
  // A row of its own: it changes nothing.
  await steps.again('handleNotification');
  return order;
}

async function countLog(server: TestServer, sid: string): Promise<number> {
  const about = { accountSid: server.account.username, order: sid };
  return (await listRspLog(about, server.server.context.store)).length;
}

onEachDatabase('an RSP log that is kept for 30 days', (database) => {
  const running = serverOn(database, {
    es9: true,
    stock: 10,
    env: { SIMWRIGHT_LOG_RETENTION_DAYS: '30' },
  });
  afterEach(() => moveClock(running(), 0));

  test('is deleted in batches, oldest first; the rest and the history stay', async () => {
    const server = running();
    const { context } = server.server;
    const old = [await download(server), await download(server)];
    moveClock(server, 2 * DAY_MS);
    const recent = await download(server);
    moveClock(server, 30 * DAY_MS - 60_000);
    assert.equal(await pruneRspLog(context, 100), 0);
    moveClock(server, 30 * DAY_MS + 60_000);
    const counts = () => Promise.all([...old, recent].map(({ sid }) => countLog(server, sid)));
    assert.deepEqual([await pruneRspLog(context, 1), await pruneRspLog(context, 1)], [1, 1]);
    assert.deepEqual(await counts(), [4, 4, 5]);
    // The calls of a session go together, when the last that it may have had is old enough.
    moveClock(server, 30 * DAY_MS + SESSION_LIFETIME_MS - 60_000);
    assert.equal(await pruneRspLog(context, 100), 0);
    moveClock(server, 30 * DAY_MS + SESSION_LIFETIME_MS + 60_000);
    assert.deepEqual([await pruneRspLog(context, 1), await pruneRspLog(context, 1)], [1, 1]);
    assert.equal(await pruneRspLog(context, 100), 0);
    assert.deepEqual(await counts(), [0, 0, 5]);
    const { json } = await server.request(`/v1/ESimProfiles/${old[0].sid}/Events`);
    assert.equal(json.events.length, 5);
    assert.equal(await statusOf(server, old[0].sid), 'installed Installed');
  });

  test('housekeeping does it, on several nodes at once too', async () => {
    const server = running();
    const { sid } = await download(server);
    moveClock(server, 40 * DAY_MS);
    const { context } = server.server;
    context.wake('housekeeping');
    await Promise.all(Array.from({ length: 3 }, () => pruneRspLog(context, 2)));
    await eventually(async () => (await countLog(server, sid)) === 0 || undefined);
  });
});

test('without the setting the RSP log is kept forever', async () => {
  await using server = await startTestServer({ es9: true, stock: 1 });
  const { sid } = await download(server);
  moveClock(server, 10_000 * DAY_MS);
  assert.equal(await pruneRspLog(server.server.context, 100), 0);
  assert.equal(await countLog(server, sid), 5);
});
