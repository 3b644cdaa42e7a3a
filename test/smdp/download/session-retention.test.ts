// RSP sessions are deleted once their log is, and nothing can need them, and not before.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { pruneRspLog } from '../../../src/smdp/download/rsp-log-retention.ts';
import { forgetSessions } from '../../../src/smdp/download/session-retention.ts';
import { onEachDatabase, serverOn } from '../../databases.ts';
import { moveClock, NO_CONTENT, statusOf, stepsOf } from '../../es9plus/calls.ts';
import type { Steps } from '../../es9plus/calls.ts';
import { newEuicc } from '../../es9plus/phone.ts';
import { holdNext } from '../../hold.ts';
import { asOlderVersion } from './older-session.ts';

const MINUTE_MS = 60 * 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

onEachDatabase('RSP sessions', (database) => {
  const running = serverOn(database, {
    es9: true,
    stock: 10,
    env: { SIMWRIGHT_LOG_RETENTION_DAYS: '1' },
  });
  afterEach(() => moveClock(running(), 0));

  const isThere = async ({ transactionId }: Steps) =>
    (await running().server.context.store.rspSessions.find(transactionId)) !== undefined;

  /** What housekeeping does, at a time from now. */
  async function forgetAt(milliseconds: number): Promise<void> {
    await deleteLogsAt(milliseconds);
    while ((await forgetSessions(running().server.context, 50)) > 0);
  }

  async function deleteLogsAt(milliseconds: number): Promise<void> {
    moveClock(running(), milliseconds);
    while ((await pruneRspLog(running().server.context, 50)) > 0);
  }

  async function newOrder() {
    return running().order({ GenerateMatchingId: 'true' });
  }

  async function eventsOf(sid: string): Promise<string[]> {
    const { json } = await running().request(`/v1/ESimProfiles/${sid}/Events`);
    return json.events.map(({ cause }: { cause: string }) => cause);
  }

  test('that delivered no package are deleted with their log, however they ended', async () => {
    const order = await newOrder();
    const begun = await stepsOf(running(), order.matching_id).begin();
    const given = await stepsOf(running(), order.matching_id).begin();
    await given.cancel('postponed');
    for (const time of [31 * MINUTE_MS, DAY_MS + 29 * MINUTE_MS]) {
      await forgetAt(time);
      assert.deepEqual([await isThere(begun), await isThere(given)], [true, true]);
    }
    await forgetAt(DAY_MS + 31 * MINUTE_MS);
    assert.deepEqual([await isThere(begun), await isThere(given)], [false, false]);
  });

  test('§3.5 of a Downloaded profile are kept for years, and the result of any of its downloads counts', async () => {
    const order = await newOrder();
    const euicc = newEuicc(running());
    const first = stepsOf(running(), order.matching_id, euicc);
    const result = await first.install();
    const second = stepsOf(running(), order.matching_id, euicc);
    await second.begin();
    await second.getPackage();
    for (const years of [1, 2, 3]) await forgetAt(years * 365 * DAY_MS);
    assert.deepEqual([await isThere(first), await isThere(second)], [true, true]);
    assert.equal(await statusOf(running(), order.sid), 'downloaded Downloaded');
    assert.equal((await first.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');
    // Both are of no more use.
    await forgetAt(3.2 * 365 * DAY_MS);
    assert.deepEqual([await isThere(first), await isThere(second)], [false, false]);
  });

  test('of an installed profile are kept for 30 days; a later result is acknowledged without effect', async () => {
    const order = await newOrder();
    const euicc = newEuicc(running());
    const first = stepsOf(running(), order.matching_id, euicc);
    first.misbehaviour.installationError = {
      bppCommandId: 'loadProfileElements',
      errorReason: 'installFailedDueToInterruption',
    };
    const interrupted = await first.install();
    delete first.misbehaviour.installationError;
    const second = stepsOf(running(), order.matching_id, euicc);
    const installed = await second.install();
    await second.notify(installed);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');

    await forgetAt(30 * DAY_MS);
    assert.deepEqual([await isThere(first), await isThere(second)], [true, true]);
    const before = await eventsOf(order.sid);
    await forgetAt(61 * DAY_MS);
    assert.deepEqual([await isThere(first), await isThere(second)], [false, false]);
    for (const result of [installed, interrupted]) {
      assert.equal((await second.notify(result)).result, NO_CONTENT);
    }
    assert.deepEqual(await eventsOf(order.sid), before);
    assert.equal(await statusOf(running(), order.sid), 'installed Installed');
  });

  test('are deleted in batches, and none is examined twice', async () => {
    const { context } = running().server;
    await forgetAt(0);
    const order = await newOrder();
    for (let time = 0; time < 3; time++) await stepsOf(running(), order.matching_id).begin();
    const bound = stepsOf(running(), (await newOrder()).matching_id);
    await bound.install();
    await deleteLogsAt(DAY_MS + 31 * MINUTE_MS);
    const counts = [];
    for (let time = 0; time < 4; time++) counts.push(await forgetSessions(context, 2));
    assert.deepEqual(counts, [2, 2, 0, 0]);
    assert.equal(await isThere(bound), true);
  });

  test('of an older version are deleted when they expire, if they delivered no package', async () => {
    const order = await newOrder();
    const steps = await stepsOf(running(), order.matching_id).begin();
    await asOlderVersion(running(), order.sid);
    await forgetAt(29 * MINUTE_MS);
    assert.equal(await isThere(steps), true);
    await forgetAt(31 * MINUTE_MS);
    assert.equal(await isThere(steps), false);
  });

  test(
    '§3.5 that is bound while it is examined stays: its result will come',
    { skip: database.name === 'SQLite' && 'transactions take turns' },
    async () => {
      const { context } = running().server;
      await forgetAt(0);
      const steps = await stepsOf(running(), (await newOrder()).matching_id).begin();
      await deleteLogsAt(DAY_MS + 31 * MINUTE_MS);
      const written = Promise.withResolvers<void>();
      const commit = Promise.withResolvers<void>();
      const binding = context.transact(async ({ tables }) => {
        await tables.rspSessions.advance('authenticated', {
          transaction_id: steps.transactionId,
          step: 'bound',
          bind_digest: 'of the request',
          smdp_sign: 'AA==',
        });
        written.resolve();
        await commit.promise;
      });
      await written.promise;
      moveClock(running(), DAY_MS + 32 * MINUTE_MS);
      const examined = Promise.withResolvers<() => void>();
      const forgetting = forgetSessions(
        {
          transact: (work) =>
            context.transact((unit) => {
              const { called, letGo } = holdNext(unit.tables.rspSessions, 'delete');
              void called.then(() => examined.resolve(letGo));
              return work(unit);
            }),
        },
        50,
      );
      const letGo = await examined.promise;
      commit.resolve();
      await binding;
      letGo();
      await forgetting;
      assert.equal(await isThere(steps), true);
    },
  );
});
