// The statistics over the API: the same figures whether events are counted yet or not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { countNext, settledBefore } from '../../src/operator/statistics/counting.ts';
import { findDeviceModels } from '../../src/smdp/download/device-models.ts';
import { Conflict } from '../../src/store/errors.ts';
import { apiDate } from '../../src/values/date.ts';
import { sidAt } from '../../src/values/sid.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { NO_CONTENT, stepsOf } from '../es9plus/calls.ts';
import { newEuicc } from '../es9plus/phone.ts';
import { verdictsOf } from '../verify/violated.ts';
import { statistics as invariant } from '../../src/verify/statistics.ts';

const FAR_AHEAD = sidAt('event', new Date('2100-01-01'));
const MISMATCH = '5/13';
const NOBODY = { CallbackUrl: 'http://127.0.0.1:9/status' };

onEachDatabase('statistics', (database) => {
  const running = serverOn(database, { stock: 6, es9: true });

  const fetchAll = async (query = '') => {
    const { status, json } = await running().request(`/v1/Statistics${query}`);
    assert.equal(status, 200);
    return json;
  };
  /** What does not depend on the moment of asking. */
  const figures = async (query = '') => {
    const { date_end: _end, ...rest } = await fetchAll(query);
    return rest;
  };
  const counting = () => {
    const { store, transact } = running().server.context;
    return { store, transact, findModels: findDeviceModels };
  };
  const countAll = async () => {
    while ((await countNext(running().account.username, counting(), FAR_AHEAD)).more);
  };
  /** As if the server had died, which otherwise counts every ten seconds: it finds nothing to count, until it is told to. */
  const notCounting = (context: TestContext) => {
    const { statistics } = running().server.context.store;
    const events = statistics.events.bind(statistics);
    return context.mock.method(statistics, 'events', async (...given: Parameters<typeof events>) =>
      given[3] === 1 ? { events: [], last: undefined, more: false } : events(...given),
    ).mock;
  };
  const problems = async () => {
    const { config, server } = running();
    const verdicts = await verdictsOf(config.database, server.context.masterKey, [invariant]);
    return verdicts.flatMap(({ shown }) => shown.map(({ problem }) => problem));
  };

  test('FetchStatistics: an account without orders has zeros, and says so within bounds', async () => {
    const json = await fetchAll('?Interval=hour&Intervals=2');
    const zeros = { new: 0, reserving: 0, available: 0, downloaded: 0, installed: 0, failed: 0 };
    assert.deepEqual(json.esim_profiles, zeros);
    assert.equal(json.intervals.length, 2);
    assert.equal(json.date_start.slice(-7), ':00:00Z');
    assert.deepEqual(json.installations.seconds, { median: null, p90: null, p99: null });
    assert.deepEqual(json.stock, [
      {
        profile_type: 'default',
        available: 6,
        forecast: {
          basis: 'no_orders',
          window_days: null,
          taken: 0,
          per_day: null,
          days_left: null,
          date: null,
        },
      },
    ]);
    const refused = await running().request('/v1/Statistics?Interval=hour&Intervals=337');
    assert.equal(refused.status, 400);
    assert.equal(
      refused.json.message,
      'Invalid parameter Intervals: expected at most 336 with Interval=hour; got 337',
    );
  });

  test('FetchStatistics: what has become of orders', async () => {
    const server = running();
    const order = (form = {}) => server.order({ GenerateMatchingId: 'true', ...form });
    const installed = await order();
    const steps = stepsOf(server, installed.matching_id);
    await steps.notify(await steps.install());
    const failing = await order(NOBODY);
    const installationError = {
      bppCommandId: 'loadProfileElements',
      errorReason: 'installFailedDueToDataMismatch',
    } as const;
    const euicc = newEuicc(server, { options: { misbehaviour: { installationError } } });
    const failed = stepsOf(server, failing.matching_id, euicc);
    assert.equal((await failed.notify(await failed.install())).result, NO_CONTENT);
    const cancelled = await order();
    await server.request(`/v1/ESimProfiles/${cancelled.sid}/Cancel`, { method: 'POST' });
    await order();
    await order({ ProfileType: 'none' });

    const json = await figures();
    const now = { new: 0, reserving: 0, available: 1, downloaded: 0, installed: 1, failed: 3 };
    assert.deepEqual(json.esim_profiles, now);
    const [yesterday, today] = json.intervals.slice(-2);
    assert.deepEqual(Object.values(yesterday.esim_profiles), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(today.esim_profiles, now);
    assert.deepEqual(today.entered, {
      new: 5,
      reserving: 5,
      available: 4,
      downloaded: 2,
      installed: 1,
      failed: 3,
    });
    const { durations, ...installations } = json.installations;
    assert.deepEqual(installations, {
      available: 4,
      installed: 1,
      failed: 2,
      seconds: { median: 10, p90: 10, p99: 10 },
    });
    assert.deepEqual(durations[0], { up_to_seconds: 10, count: 1 });
    const reason = (error_code: string, error: string) => ({ error_code, error, count: 1 });
    const mismatch = reason(
      MISMATCH,
      'The eUICC reported installFailedDueToDataMismatch in loadProfileElements',
    );
    assert.deepEqual(json.failures, {
      reservation: 1,
      download: 1,
      ended: 1,
      reasons: [
        { stage: 'download', ...mismatch },
        { stage: 'reservation', ...reason('83500', 'No eSIM Profiles are available') },
        { stage: 'ended', ...reason('83590', 'The order was cancelled') },
      ],
      others: 0,
    });
    const outcomes = { installed: 1, failed: 1, reasons: [mismatch] };
    assert.deepEqual(json.devices, [{ tac: '35693803', ...outcomes }]);
    assert.deepEqual(json.euicc_makers, [{ eid_prefix: '89049032', ...outcomes }]);
    assert.equal(json.callbacks.pending, 4);
    assert.equal(json.stock[0].available, 3);
    assert.deepEqual(json.stock[0].forecast.basis, 'too_little_data');
  });

  test('FetchStatistics: are the same once events are counted, and once they are counted again', async () => {
    const { username } = running().account;
    const [days, hours] = [await figures(), await figures('?Interval=hour')];
    await countAll();
    assert.deepEqual(await figures(), days);
    assert.deepEqual(await figures('?Interval=hour'), hours);
    assert.deepEqual(await problems(), []);
    await counting().transact(({ tables }) => tables.statistics.reset(username));
    assert.deepEqual(await figures(), days);
    await countAll();
    assert.deepEqual(await figures(), days);
  });

  test('FetchStatistics: an unchanged answer is 304', async () => {
    const [, known] = [await fetchAll(), await running().request('/v1/Statistics')];
    const headers = { 'If-None-Match': known.headers.get('etag')! };
    const again = await running().request('/v1/Statistics', { headers });
    assert.equal(again.status, 304);
  });

  test('verify: a count that is not what the events say is found, and repaired by counting again', async () => {
    const { transact } = counting();
    const { username } = running().account;
    assert.deepEqual(await problems(), []);
    const mark = (await counting().store.statistics.mark(username))!;
    const wrong = { unit: 'all', period: '', what: 'step', detail: '>new', count: 1 } as const;
    const to = { from: mark, to: mark };
    await transact(({ tables }) => tables.statistics.add(username, [wrong], to));
    assert.deepEqual(await problems(), [
      'step ">new" of all times is counted 6 times; its events say 5',
    ]);
    await transact(({ tables }) => tables.statistics.reset(username));
    await countAll();
    assert.deepEqual(await problems(), []);
  });

  test('two that count the same events at once count them once', async () => {
    const { store, transact } = counting();
    const { username } = running().account;
    await running().order({ GenerateMatchingId: 'true' });
    const days = await figures();
    await Promise.all([countAll(), countAll(), countAll()]);
    assert.deepEqual(await figures(), days);
    assert.deepEqual(await problems(), []);
    const mark = (await store.statistics.mark(username))!;
    const late = transact(({ tables }) =>
      tables.statistics.add(username, [], { from: 'EV', to: mark }),
    );
    await assert.rejects(late, Conflict);
  });

  test('nothing is counted that an open transaction may still precede', async () => {
    const { store } = running().server.context;
    const far = new Date(store.now().getTime() + 3_600_000);
    if (database.name === 'SQLite') {
      assert.equal(
        await settledBefore(store, far),
        sidAt('event', new Date(far.getTime() - 1_000)),
      );
      return;
    }
    assert.equal(await settledBefore(store, far), sidAt('event', new Date(far.getTime() - 30_000)));
    await store.transaction(async (tables) => {
      await tables.settings.set('statistics test', 'written');
      const before = await settledBefore(store, far);
      assert.ok(before < sidAt('event', store.now()), `${before} is after the transaction began`);
    });
  });

  test('events that a process has left, because it died, are found', async (context) => {
    const { store } = running().server.context;
    const { username } = running().account;
    const counts = notCounting(context);
    await running().order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    assert.deepEqual(await store.statistics.behind('', 10), [username]);
    counts.restore();
    await countAll();
    assert.deepEqual(await store.statistics.behind('', 10), []);
  });

  test('hours are forgotten after a month, and days are not', async () => {
    const { store, transact } = counting();
    const { username } = running().account;
    const mark = (await store.statistics.mark(username))!;
    const one = { what: 'failure', detail: '>old', count: 1 } as const;
    const old = [
      { ...one, unit: 'hour', period: '2026-01-01T00' },
      { ...one, unit: 'day', period: '2026-01-01' },
    ] as const;
    await transact(({ tables }) => tables.statistics.add(username, old, { from: mark, to: mark }));
    await running().order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    await countAll();
    const kept = await Promise.all(
      (['hour', 'day'] as const).map((unit) =>
        store.statistics.byPeriod(username, { unit, first: '2026', last: '2026-02' }, 'failure'),
      ),
    );
    assert.deepEqual(
      kept.map((rows) => rows.map(({ period }) => period)),
      [[], ['2026-01-01']],
    );
  });

  test('FetchStatistics: with too many events behind, it says up to when it is complete', async (context) => {
    const { transact } = counting();
    const { username } = running().account;
    const counts = notCounting(context);
    const before = await figures();
    const { sid } = await running().order({ GenerateMatchingId: 'true', ProfileType: 'none' });
    await transact(async ({ tables, sids, now }) => {
      const event = {
        account_sid: username,
        esim_profile_sid: sid as string,
        type: 'notification',
        status: 'failed',
        previous_status: 'failed',
        cause: 'told by a test',
        detail: null,
        date_created: apiDate(now),
      } as const;
      for (let batch = 0; batch < 5; batch++) {
        await Promise.all(
          Array.from({ length: 1_000 }, () =>
            tables.esimProfileEvents.insert({ ...event, sid: sids.next('event', tables.now()) }),
          ),
        );
      }
    });
    const behind = await figures();
    assert.deepEqual(behind.esim_profiles, before.esim_profiles);
    assert.match(behind.date_counted, /Z$/);
    counts.restore();
    await countAll();
    const complete = await figures();
    assert.equal(complete.date_counted, null);
    assert.equal(complete.esim_profiles.failed, before.esim_profiles.failed + 1);
  });
});
