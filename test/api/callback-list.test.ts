// The callbacks of an account over the API: found by state, resource and date, and sent again together.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { RETRIED_AT_ONCE } from '../../src/operator/callback.ts';
import { Sids } from '../../src/values/sid.ts';
import type { CallbackRow } from '../../src/store/schema.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { startReceiver } from '../receiver.ts';
import { eventually } from '../server.ts';

const STATES = ['pending', 'delivered', 'failed'] as const;
/** Far enough ahead that nothing is sent until a test says so. */
const LATER = '2999-01-01T00:00:00.000Z';
const DAYS = ['2026-11-21', '2026-11-22', '2026-11-23'];

onEachDatabase(
  'ListCallback, CountCallback, RetryCallbacks: the callbacks of an account',
  (database) => {
    const running = serverOn(database, { stock: 10 });
    const profile = `HP${'1'.repeat(32)}`;
    const sim = `HS${'2'.repeat(32)}`;
    /** Newest first. */
    const all: CallbackRow[] = [];

    function row(fields: Partial<CallbackRow>, date: Date): CallbackRow {
      return {
        account_sid: running().account.username,
        sid: `CB${date.getTime().toString(16).padStart(12, '0')}${new Sids().next('callback', date).slice(14)}`,
        resource_sid: profile,
        receiver: 'http://127.0.0.1:9',
        url: 'http://127.0.0.1:9/status',
        method: 'POST',
        parameters: '[["Status","available"]]',
        request_id: null,
        state: 'pending',
        attempts: 0,
        next_attempt_at: LATER,
        locked_until: null,
        date_created: date.toISOString(),
        date_settled: null,
        ...fields,
      };
    }
    const store = (rows: CallbackRow[]) =>
      running().server.context.store.transaction(async ({ callbacks }) => {
        await Promise.all(rows.map((one) => callbacks.insert(one)));
      });

    before(async () => {
      for (const day of DAYS) {
        for (const state of STATES) {
          for (const resource of [profile, sim, profile]) {
            const fields = { state, resource_sid: resource, date_settled: null };
            all.unshift(row(fields, new Date(`${day}T12:00:0${all.length % 10}Z`)));
          }
        }
      }
      all.sort((one, other) => (one.sid < other.sid ? 1 : -1));
      await store(all);
    });

    const matching = (wanted: (one: CallbackRow) => boolean) =>
      all.filter(wanted).map(({ sid }) => sid);

    for (const [query, wanted] of [
      ['', () => true],
      ['State=failed', ({ state }) => state === 'failed'],
      ['State=failed,pending', ({ state }) => state !== 'delivered'],
      ['State=pending&State=failed&State=delivered', () => true],
      [`ESimProfileSid=${profile}`, (one) => one.resource_sid === profile],
      [`SimSid=${sim}&State=failed`, (one) => one.resource_sid === sim && one.state === 'failed'],
      [`SimSid=${sim}&ESimProfileSid=${profile}`, () => false],
      [`SimSid=${profile}`, () => false],
      ['DateCreatedAfter=2026-11-22', (one) => one.date_created >= DAYS[1]!],
      [
        'State=failed,delivered&DateCreatedAfter=2026-11-22&DateCreatedBefore=2026-11-23',
        (one) => one.state !== 'pending' && one.date_created.startsWith(DAYS[1]!),
      ],
    ] satisfies [string, (one: CallbackRow) => boolean][]) {
      test(`?${query}: newest first, paged both ways`, async () => {
        const expected = matching(wanted);
        const found: string[] = [];
        let url: string | null = `/v1/Callbacks?${query}&PageSize=4`;
        let last = url;
        while (url !== null) {
          last = url;
          const { status, json } = await running().request(url);
          assert.equal(status, 200, JSON.stringify(json));
          found.push(...json.callbacks.map(({ sid }: { sid: string }) => sid));
          url = json.meta.next_page_url;
        }
        assert.deepEqual(found, expected);
        const counted = await running().request(`/v1/Callbacks/Count?${query}`);
        assert.deepEqual(counted.json, { count: expected.length, more: false });
        const back: string[] = [];
        for (url = last; url !== null;) {
          const { json } = await running().request(url);
          back.unshift(...json.callbacks.map(({ sid }: { sid: string }) => sid));
          url = json.meta.previous_page_url;
        }
        assert.deepEqual(back, expected);
      });
    }

    test('URLs repeat the filters in a normal form', async () => {
      const { json } = await running().request(
        `/v1/Callbacks?DateCreatedAfter=2026-11-22&State=failed,pending&ESimProfileSid=${profile}`,
      );
      assert.equal(
        json.meta.url,
        `${running().url}/v1/Callbacks?State=pending&State=failed&ESimProfileSid=${profile}` +
          '&DateCreatedAfter=2026-11-22T00%3A00%3A00Z&PageSize=50&Page=0',
      );
      assert.equal(json.meta.key, 'callbacks');
    });

    test('an invalid filter or token is explained in words', async () => {
      for (const [path, method, code, message] of [
        [
          '/v1/Callbacks?State=gone',
          'GET',
          20001,
          "Invalid parameter State: expected one of pending, delivered, failed; got 'gone'",
        ],
        ['/v1/Callbacks?PageToken=PAHP1', 'GET', 21481, 'Invalid PageToken'],
        [
          '/v1/Callbacks/Retry',
          'POST',
          20001,
          'Missing required parameter State in the query: pending or failed',
        ],
        [
          '/v1/Callbacks/Retry?State=delivered',
          'POST',
          20001,
          "Invalid parameter State: expected one of pending, failed; got 'delivered'",
        ],
        ['/v1/Callbacks/Retry?State=failed&PageToken=PB', 'POST', 21481, 'Invalid PageToken'],
        [
          `/v1/Callbacks/Retry?State=failed&PageToken=PACB${'0'.repeat(32)}`,
          'POST',
          21481,
          'Invalid PageToken',
        ],
      ] as const) {
        const { status, json } = await running().request(path, { method });
        assert.deepEqual([status, json.code, json.message], [400, code, message], path);
      }
    });

    test('belong to one account, and a read-only key cannot retry them', async () => {
      const as = await running().addAccount(0);
      const { json } = await running().request('/v1/Callbacks', { as });
      assert.deepEqual(json.callbacks, []);
      const path = '/v1/Callbacks/Retry?State=failed';
      const none = await running().request(path, { method: 'POST', as });
      assert.deepEqual([none.status, none.json], [202, { retried: 0, next_url: null }]);
      const key = await running().request('/v1/Keys', { form: { Scope: 'read' } });
      const reader = { username: key.json.sid, password: key.json.secret };
      assert.equal((await running().request('/v1/Callbacks', { as: reader })).status, 200);
      assert.equal((await running().request(path, { method: 'POST', as: reader })).status, 403);
      const { json: failed } = await running().request('/v1/Callbacks?State=failed&PageSize=1000');
      assert.equal(failed.callbacks.length, matching(({ state }) => state === 'failed').length);
    });

    test('those given up are retried together, each with its attempts', async () => {
      const server = running();
      const as = await server.addAccount(3);
      let status = 500;
      await using receiver = await startReceiver((_call, _request, response) =>
        response.writeHead(status).end(),
      );
      // Given up after the first attempt.
      const form = { GenerateMatchingId: 'true', CallbackUrl: `${receiver.url}/status#rc=0` };
      const profiles = [await server.order(form, as), await server.order(form, as)];
      const listed = (state: string, count: number) =>
        eventually(async () => {
          const { json } = await server.request(`/v1/Callbacks?State=${state}`, { as });
          return json.callbacks.length === count ? (json.callbacks as any[]) : undefined;
        });
      const failed = await listed('failed', 4);
      assert.deepEqual(
        failed.flatMap(({ attempts }) => attempts.map(({ error }: any) => error)),
        Array(4).fill('answered 500; expected 2xx'),
      );
      status = 204;
      const one = `/v1/Callbacks/Retry?State=failed&ESimProfileSid=${profiles[0].sid}`;
      const retried = await server.request(one, { method: 'POST', as });
      assert.deepEqual([retried.status, retried.json], [202, { retried: 2, next_url: null }]);
      const delivered = await listed('delivered', 2);
      assert.ok(delivered.every((callback) => callback.esim_profile_sid === profiles[0].sid));
      assert.deepEqual(
        delivered[0].attempts.map((attempt: any) => attempt.status_code),
        [500, 204],
      );
      await server.request('/v1/Callbacks/Retry?State=failed', { method: 'POST', as });
      await listed('delivered', 4);
    });

    test('those waiting for their next attempt become due at once', async () => {
      const server = running();
      await using receiver = await startReceiver();
      const { url } = receiver;
      const waiting = row({ resource_sid: `HP${'3'.repeat(32)}`, url, receiver: url }, new Date());
      await store([waiting]);
      const path = `/v1/Callbacks/Retry?State=pending&ESimProfileSid=${waiting.resource_sid}`;
      const { json } = await server.request(path, { method: 'POST' });
      assert.deepEqual(json, { retried: 1, next_url: null });
      await receiver.next();
    });

    test('many are made due in batches, oldest first, each once', async () => {
      const server = running();
      const as = await server.addAccount(0);
      const many = Array.from({ length: RETRIED_AT_ONCE + 1 }, (_, index) =>
        row(
          {
            account_sid: as.username,
            state: 'failed',
            resource_sid: `HP${String(index).padStart(32, '0')}`,
          },
          new Date(Date.parse('2026-11-23T00:00:00Z') + index),
        ),
      );
      await store(many);
      const first = await server.request('/v1/Callbacks/Retry?State=failed', {
        method: 'POST',
        as,
      });
      const last = many[RETRIED_AT_ONCE - 1]!.sid;
      assert.deepEqual(first.json, {
        retried: RETRIED_AT_ONCE,
        next_url: `${server.url}/v1/Callbacks/Retry?State=failed&PageToken=PB${last}`,
      });
      // Callbacks of the first batch that fail again are not in the next.
      const second = await server.request(first.json.next_url, { method: 'POST', as });
      assert.deepEqual(second.json, { retried: 1, next_url: null });
    });
  },
);
