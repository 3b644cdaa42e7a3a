// Callbacks: at least once, signed, in order, whatever the receiver does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import twilio from 'twilio';
import type { CallbackRow } from '../../src/store/schema.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestServer } from '../server.ts';
import { eventually } from '../server.ts';
import type { ReceivedCall, Receiver } from '../receiver.ts';
import { startReceiver, startSilentReceivers } from '../receiver.ts';

function assertSigned(call: ReceivedCall, server: TestServer): void {
  const signature = call.headers['x-twilio-signature'] as string;
  assert.ok(twilio.validateRequest(server.account.password, signature, call.url, call.parameters));
}

/** The callbacks of a profile, oldest first, once the probe accepts them. */
function callbacksOf(
  server: TestServer,
  sid: string,
  probe: (callbacks: CallbackRow[]) => boolean,
): Promise<CallbackRow[]> {
  const { store } = server.server.context;
  return eventually(async () => {
    const found = await store.callbacks.list(server.account.username, {
      subject: sid,
      limit: 100,
    });
    return probe(found) ? found.toReversed() : undefined;
  });
}

const settled = (callbacks: CallbackRow[]) => callbacks.every(({ state }) => state !== 'pending');

function callbackRow(server: TestServer, url: string, now: Date): CallbackRow {
  return {
    account_sid: server.account.username,
    sid: '',
    resource_sid: `HP${'0'.repeat(32)}`,
    receiver: url,
    url,
    method: 'POST',
    parameters: '[["Status","available"]]',
    request_id: null,
    state: 'pending',
    attempts: 0,
    next_attempt_at: now.toISOString(),
    locked_until: null,
    date_created: now.toISOString(),
    date_settled: null,
  };
}

/** Makes a waiting callback due. */
async function retryNow(server: TestServer, callback: CallbackRow): Promise<void> {
  const { store, now, wake } = server.server.context;
  await store.transaction((tables) =>
    tables.callbacks.retry(server.account.username, now().toISOString(), [callback.sid]),
  );
  wake('callbacks');
}

onEachDatabase('a callback', (database) => {
  const server = serverOn(database, { stock: 40 });
  const orderFor = (receiver: Receiver, fragment = '', form: Record<string, string> = {}) =>
    server().order({
      GenerateMatchingId: 'true',
      CallbackUrl: `${receiver.url}/status${fragment}`,
      ...form,
    });

  test('reports every transition, in order, with all known data, and its delivery is logged', async () => {
    await using receiver = await startReceiver();
    const profile = await orderFor(receiver);
    const callbacks = await callbacksOf(server(), profile.sid, settled);
    const [first, second] = receiver.calls;
    assert.deepEqual(first?.parameters, {
      AccountSid: server().account.username,
      ApiVersion: 'v1',
      ESimProfileSid: profile.sid,
      Status: 'reserving',
      PreviousStatus: 'new',
      DateUpdated: first?.parameters['DateUpdated'],
    });
    assert.deepEqual(second?.parameters, {
      AccountSid: server().account.username,
      ApiVersion: 'v1',
      ESimProfileSid: profile.sid,
      Status: 'available',
      PreviousStatus: 'reserving',
      SimSid: profile.sim_sid,
      Iccid: profile.iccid,
      SmdpPlusAddress: profile.smdp_plus_address,
      MatchingId: profile.matching_id,
      ActivationCode: profile.activation_code,
      ProfileType: 'default',
      DateUpdated: profile.date_updated,
    });
    for (const call of receiver.calls) {
      assert.equal(call.method, 'POST');
      assert.equal(
        call.headers['content-type'],
        'application/x-www-form-urlencoded; charset=utf-8',
      );
      assertSigned(call, server());
    }
    assert.deepEqual(
      receiver.calls.map(({ headers }) => headers['i-twilio-idempotency-token']),
      callbacks.map(({ sid }) => sid),
    );
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, callbacks[0]!.sid);
    assert.deepEqual([attempt?.attempt, attempt?.status_code, attempt?.error], [1, 204, null]);
  });

  test('a failed order is reported with its error', async () => {
    await using receiver = await startReceiver();
    const profile = await orderFor(receiver, '', { ProfileType: 'none' });
    await callbacksOf(server(), profile.sid, settled);
    const { parameters } = receiver.calls[1]!;
    assert.deepEqual(
      [parameters['Status'], parameters['ErrorCode'], parameters['ErrorMessage']],
      ['failed', '83500', 'No eSIM Profiles are available'],
    );
  });

  test('a receiver that answers 500 gets it again with the same token, until 2xx', async () => {
    let failures = 2;
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(failures-- > 0 ? 500 : 200).end('sorry');
    });
    const ordered = Date.now();
    const profile = await orderFor(receiver);
    const waiting = await callbacksOf(server(), profile.sid, (all) =>
      all.every(({ attempts }) => attempts === 1),
    );
    const found = Date.now();
    for (const callback of waiting) {
      assert.equal(callback.state, 'pending');
      const next = Date.parse(callback.next_attempt_at);
      assert.ok(next > ordered + 3_000 && next < found + 6_000, callback.next_attempt_at);
      await retryNow(server(), callback);
    }
    const done = await callbacksOf(server(), profile.sid, settled);
    assert.ok(done.every(({ state, attempts }) => state === 'delivered' && attempts === 2));
    const tokens = receiver.calls.map(({ headers }) => headers['i-twilio-idempotency-token']);
    assert.deepEqual(
      tokens,
      [...waiting, ...waiting].map(({ sid }) => sid),
    );
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, done[0]!.sid);
    assert.deepEqual(
      [attempt?.status_code, attempt?.error, attempt?.response],
      [500, 'answered 500; expected 2xx', 'sorry'],
    );
  });

  test('a redirect is not followed and counts as a failure', async () => {
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    const profile = await orderFor(receiver, '#rc=0');
    const [callback] = await callbacksOf(server(), profile.sid, settled);
    assert.equal(callback?.state, 'failed');
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, callback.sid);
    assert.equal(attempt?.error, 'answered 302; redirects are not followed');
    assert.ok(receiver.calls.every(({ url }) => !url.includes('elsewhere')));
  });

  test('a receiver that never answers, or drops the connection, fails the attempt in time', async () => {
    let drop = false;
    await using receiver = await startReceiver((_call, request) => {
      if (drop) request.socket.destroy();
    });
    for (const [expected, fragment] of [
      ['timed out while waiting for a response', '#rt=150&rc=0'],
      ['the connection was closed before a response arrived', '#rc=0'],
    ] as const) {
      const profile = await orderFor(receiver, fragment);
      const [callback] = await callbacksOf(server(), profile.sid, settled);
      const { store } = server().server.context;
      const [attempt] = await store.callbacks.attempts(server().account.username, callback!.sid);
      assert.deepEqual([callback?.state, attempt?.error], ['failed', expected]);
      drop = true;
    }
  });

  test('#rc=2&rp=5xx causes two retries after a 5xx, and no more', async () => {
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(503).end();
    });
    const profile = await orderFor(receiver, '#rc=2&rp=5xx');
    const callbacks = await callbacksOf(server(), profile.sid, settled);
    assert.deepEqual(
      callbacks.map(({ state, attempts }) => [state, attempts]),
      [
        ['failed', 3],
        ['failed', 3],
      ],
    );
    assert.ok(receiver.calls.every(({ url }) => !url.includes('#')));
  });

  test('a receiver that was down for a while gets everything, in order', async () => {
    const down = await startReceiver();
    await down[Symbol.asyncDispose]();
    const profile = await orderFor(down);
    const waiting = await callbacksOf(server(), profile.sid, (all) =>
      all.every(({ attempts }) => attempts === 1),
    );
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, waiting[0]!.sid);
    assert.match(attempt!.error!, /the connection was refused/);
    await using up = await startReceiver(undefined, down.url);
    await server().restart();
    for (const callback of waiting) await retryNow(server(), callback);
    await callbacksOf(server(), profile.sid, settled);
    assert.deepEqual(
      up.calls.map(({ parameters }) => parameters['Status']),
      ['reserving', 'available'],
    );
  });

  test('being sent when its node died is taken over by another', async () => {
    await using receiver = await startReceiver();
    const { store, now, wake } = server().server.context;
    const row: CallbackRow = {
      ...callbackRow(server(), receiver.url, now()),
      sid: `CB${'0'.repeat(32)}`,
      locked_until: new Date(Date.now() + 400).toISOString(),
    };
    await store.transaction((tables) => tables.callbacks.insert(row));
    wake('callbacks');
    await callbacksOf(server(), row.resource_sid, settled);
    assert.equal(receiver.calls.length, 1);
    const isFree = receiver.calls[0]!.at >= Date.parse(row.locked_until!);
    assert.ok(isFree, 'while its lock lasts nobody else takes it');
  });

  test('being sent when its server died, whose clock was an hour ahead, is sent after the restart, unless other nodes may be sending it', async () => {
    await using receiver = await startReceiver();
    const { store, now } = server().server.context;
    const row: CallbackRow = {
      ...callbackRow(server(), receiver.url, now()),
      sid: `CB${'1'.repeat(32)}`,
      resource_sid: `HP${'1'.repeat(32)}`,
    };
    const locked = new Date(Date.now() + 60 * 60 * 1_000).toISOString();
    await store.transaction((tables) => tables.callbacks.insert({ ...row, locked_until: locked }));
    await server().restart();
    if (store.kind === 'postgres') {
      await sleep(300);
      assert.equal(receiver.calls.length, 0);
      return;
    }
    await callbacksOf(server(), row.resource_sid, settled);
    assert.equal(receiver.calls.length, 1);
  });

  test('a slow receiver holds up only itself, however much is due for it', async () => {
    await using slow = await startReceiver(() => {});
    await using quick = await startReceiver();
    const { store, now, wake } = server().server.context;
    await store.transaction(async (tables) => {
      for (let serial = 0; serial < 300; serial++) {
        const sid = `CB${String(1000 + serial).padStart(32, '0')}`;
        const row = { ...callbackRow(server(), slow.url, now()), sid, resource_sid: `HP${sid}` };
        await tables.callbacks.insert(row);
      }
    });
    wake('callbacks');
    await eventually(() => slow.calls.length === 8 || undefined);
    await orderFor(quick);
    await quick.next();
    assert.equal(
      slow.calls.length,
      8,
      'no attempt at the slow one has ended, which takes 15 seconds',
    );
    await store.transaction((tables) => tables.callbacks.deleteSettledBefore('9999', 1000));
  });

  test('is not held up by 1,000 silent receivers of another account', async () => {
    await using silent = await startSilentReceivers(1000);
    await using healthy = await startReceiver();
    const { store, now, wake } = server().server.context;
    const slow = await server().addAccount(0);
    let serial = 0;
    const rows = silent.urls.flatMap((url, index) =>
      // The second waits for the first, like the next status of a profile.
      Array.from({ length: 2 }, () => ({
        ...callbackRow(server(), url, now()),
        // No retries when they disconnect.
        url: `${url}/#rc=0`,
        account_sid: slow.username,
        sid: `CB${String(++serial).padStart(32, '0')}`,
        resource_sid: `HP${String(index).padStart(32, '0')}`,
      })),
    );
    await store.transaction((tables) =>
      Promise.all(rows.map((row) => tables.callbacks.insert(row))),
    );
    wake('callbacks');
    // The limit of one account.
    await eventually(() => silent.connections >= 256 || undefined);

    for (let round = 0; round < 3; round++) {
      await orderFor(healthy);
      for (const status of ['reserving', 'available']) {
        assert.equal((await healthy.next()).parameters['Status'], status);
      }
    }
    const tried = await store.callbacks.list(slow.username, { limit: 2000 });
    assert.ok(
      tried.every(({ attempts }) => attempts === 0),
      'no attempt at a silent receiver had ended by then',
    );
    assert.ok(silent.connections <= 256, `${silent.connections} attempts for one account`);
  });

  test('has a limit for the whole attempt, however slowly a receiver answers', async () => {
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(200);
      const trickle = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(trickle));
    });
    const profile = await orderFor(receiver, '#rt=1000&tt=1500&rc=0');
    const [callback] = await callbacksOf(server(), profile.sid, settled);
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, callback!.sid);
    assert.deepEqual(
      [callback?.state, attempt?.error],
      ['failed', 'timed out while waiting for a response'],
    );
    assert.ok(attempt!.duration_ms >= 1490, `it ended after ${attempt?.duration_ms} ms`);
  });

  test('whose response contains a NUL character is settled all the same', async () => {
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(200).end('ok\0');
    });
    const profile = await orderFor(receiver);
    const [callback] = await callbacksOf(server(), profile.sid, settled);
    const { store } = server().server.context;
    const [attempt] = await store.callbacks.attempts(server().account.username, callback!.sid);
    assert.deepEqual([callback?.state, attempt?.response], ['delivered', 'ok\uFFFD']);
  });
});
