// GET /v1/Events: the events of an account's eSIM Profiles, as they happen.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openData } from '../../src/data.ts';
import { createApiKey, rotateAuthToken } from '../../src/operator/account/account.ts';
import {
  changeStatus,
  insertEsimProfile,
  insertNotificationEvent,
} from '../../src/operator/esim-profile.ts';
import { sidAt } from '../../src/values/sid.ts';
import { startServer } from '../../src/server.ts';
import type { EsimProfileRow } from '../../src/store/schema.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { idsOf, listen } from '../listener.ts';
import type { Listener } from '../listener.ts';
import { runSql } from '../many-profiles.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

const FORM = { GenerateMatchingId: 'true' };
/** The local network buffers some ten megabytes for a client that does not read. */
const DETAIL = 'x'.repeat(100_000);
const LONG_EVENTS = 50;
const BEGINNING = `EV${'0'.repeat(32)}`;

/** Stores an order that the reservation ignores: one event. */
function insertFailed(accountSid: string, tables: Transaction): Promise<EsimProfileRow> {
  const fields = {
    account_sid: accountSid,
    eid: null,
    generate_matching_id: 1 as const,
    profile_type: null,
    confirmation_code: null,
    callback_url: null,
    callback_method: 'POST' as const,
  };
  return insertEsimProfile(fields, { cause: 'the test' }, unitAt(tables, new Date()));
}

/**
 * Failed orders with two events each, in one transaction.
 * @param detail of the second event of each
 */
function insertMany(
  store: Store,
  accountSid: string,
  count: number,
  detail = '',
): Promise<EsimProfileRow[]> {
  return store.transaction(async (tables) => {
    const rows = await Promise.all(
      Array.from({ length: count }, () => insertFailed(accountSid, tables)),
    );
    const cause = { cause: 'the test', detail };
    return Promise.all(
      rows.map((row) => changeStatus(row, 'failed', {}, cause, unitAt(tables, new Date()))),
    );
  });
}

function notify(store: Store, row: EsimProfileRow, cause: string): Promise<void> {
  return store.transaction((tables) =>
    insertNotificationEvent(row, { cause }, unitAt(tables, new Date())),
  );
}

/** Every event of an account, from the lists of its profiles. */
async function allEvents(server: TestServer, as = server.account): Promise<Set<string>> {
  const list = await server.request('/v1/ESimProfiles?PageSize=1000', { as });
  const sids = new Set<string>();
  for (const { sid } of list.json.esim_profiles) {
    const { json } = await server.request(`/v1/ESimProfiles/${sid}/Events`, { as });
    for (const event of json.events) sids.add(event.sid);
  }
  return sids;
}

/** Another node on the same database; on SQLite, which allows only one, the same again. */
async function secondNode({
  config,
  secrets,
  server,
}: TestServer): Promise<AsyncDisposable & { url: string }> {
  if (config.database.kind === 'sqlite') {
    return { url: server.context.publicUrl, async [Symbol.asyncDispose]() {} };
  }
  const node = await startServer(config, secrets, pino({ level: 'silent' }));
  return {
    url: node.context.publicUrl,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** Orders as a command would, through its own store. */
async function orderElsewhere({ config, secrets }: TestServer, accountSid: string): Promise<void> {
  const { store } = await openData(config, secrets);
  await store.transaction((tables) => insertFailed(accountSid, tables));
  await store.close();
}

/** A client that requests the stream but reads nothing, and the server's end of its connection. */
async function connectRudely(
  server: TestServer,
  as = server.account,
  query = '',
): Promise<{ rude: Socket; connection: Socket }> {
  const connections: Socket[] = [];
  server.server.app.server.on('connection', (socket: Socket) => connections.push(socket));
  const { hostname, port } = new URL(server.url);
  const rude = connect(Number(port), hostname);
  rude.on('error', () => {});
  rude.write(`GET /v1/Events${query} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(as)}\r\n\r\n`);
  await once(rude, 'readable');
  const connection = connections.find(({ remotePort }) => remotePort === rude.localPort)!;
  return { rude, connection };
}

/** Creates events until the buffers towards a client that reads nothing are full, whatever their size is here. */
async function fillUp(connection: Socket, store: Store, accountSid: string): Promise<void> {
  let sent = connection.bytesWritten;
  for (;;) {
    sent += LONG_EVENTS * DETAIL.length;
    await insertMany(store, accountSid, LONG_EVENTS, DETAIL);
    await eventually(() =>
      connection.writableNeedDrain || connection.bytesWritten >= sent ? true : undefined,
    );
    const { bytesWritten } = connection;
    await sleep(100);
    if (connection.writableNeedDrain && connection.bytesWritten === bytesWritten) return;
  }
}

const causesOf = ({ messages }: Listener) => messages.map(({ data }) => data.event.cause);

onEachDatabase('StreamEvent: GET /v1/Events', (database) => {
  const shared = serverOn(database, { stock: 50 });

  test('sends each new event with its eSIM Profile', async () => {
    const server = shared();
    await server.order(FORM);
    await using listener = await listen(server);
    const order = await server.order(FORM);
    await listener.until(3);
    assert.deepEqual(
      listener.messages.map(({ data }) => [data.event.previous_status, data.event.status]),
      [
        [null, 'new'],
        ['new', 'reserving'],
        ['reserving', 'available'],
      ],
    );
    assert.ok(listener.text.startsWith('retry: 2000\n\n'));
    for (const { id, event, data } of listener.messages) {
      assert.deepEqual([id, event], [data.event.sid, 'esim_profile']);
      assert.equal(data.esim_profile.sid, order.sid);
    }
    assert.deepEqual(listener.messages.at(-1)!.data.esim_profile, order);
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Events`);
    assert.deepEqual(listener.messages.map(({ data }) => data.event).toReversed(), json.events);
  });

  test('sends what a device has reported', async () => {
    const server = shared();
    const { store } = server.server.context;
    const { sid } = await server.order(FORM);
    await using listener = await listen(server);
    const row = await store.esimProfiles.find(server.account.username, sid);
    await notify(store, row!, 'enabled');
    await listener.until(1);
    const { type, status, cause } = listener.messages[0]!.data.event;
    assert.deepEqual([type, status, cause], ['notification', 'available', 'enabled']);
  });

  test('resumes after Last-Event-ID, which takes precedence over LastEventId, and misses nothing', async () => {
    const server = shared();
    const as = await server.addAccount(0);
    const { store } = server.server.context;
    const { username } = as;
    const [first] = await insertMany(store, username, 1);
    // Long ago, so it is not sent again.
    const old = sidAt('event', new Date(Date.now() - 3_600_000));
    await notify(store, first!, 'long ago');
    const sid = await store.esimProfileEvents.newestSid(username);
    await runSql(server, `update esim_profile_events set sid = '${old}' where sid = '${sid}'`);
    // More than one batch.
    await insertMany(store, username, 130);
    const all = await allEvents(server, as);
    assert.equal(all.size, 263);
    const query = { LastEventId: BEGINNING };
    await using whole = await listen(server, { as, query });
    await using later = await listen(server, { as, query, lastEventId: old.toUpperCase() });
    await whole.until(263);
    await later.until(263);
    await insertMany(store, username, 1);
    await whole.until(265);
    await later.until(265);
    assert.deepEqual(idsOf(whole), await allEvents(server, as));
    assert.deepEqual(idsOf(later), idsOf(whole));
    assert.equal(whole.messages.length, 265, 'nothing is told twice');

    const position = new Date(Date.now() - 60_000);
    await using newer = await listen(server, {
      as,
      query,
      lastEventId: sidAt('event', position),
    });
    await newer.until(264);
    assert.equal(idsOf(newer).has(old), false);
  });

  test('ESimProfileSid narrows it to one profile', async () => {
    const server = shared();
    const [one, other] = [await server.order(FORM), await server.order(FORM)];
    const query = { ESimProfileSid: one.sid, LastEventId: BEGINNING };
    await using listener = await listen(server, { query });
    await listener.until(3);
    const { store } = server.server.context;
    for (const { sid } of [other, one]) {
      const row = await store.esimProfiles.find(server.account.username, sid);
      await notify(store, row!, 'enabled');
    }
    await listener.until(4);
    const told = listener.messages.map(({ data }) => data.event.esim_profile_sid);
    assert.deepEqual(told, Array(4).fill(one.sid));
  });

  test('accounts are strictly apart', async () => {
    const server = shared();
    const [one, other] = [await server.addAccount(0), await server.addAccount(0)];
    const { store } = server.server.context;
    const query = { LastEventId: BEGINNING };
    await using toOne = await listen(server, { as: one, query });
    await using toOther = await listen(server, { as: other, query });
    const [row] = await insertMany(store, one.username, 1);
    await insertMany(store, other.username, 2);
    await toOther.until(4);
    await toOne.until(2);
    for (const [{ messages }, { username }] of [
      [toOne, one],
      [toOther, other],
    ] as const) {
      for (const { data } of messages) {
        assert.equal(data.event.account_sid, username);
        assert.equal(data.esim_profile.account_sid, username);
      }
    }
    const path = `/v1/Events?ESimProfileSid=${row!.sid}`;
    assert.equal((await server.request(path, { as: other })).status, 404);
    assert.equal(toOne.messages.length, 2);
  });

  test('events written by another node or process are sent too', async () => {
    const server = shared();
    const as = await server.addAccount(10);
    await using node = await secondNode(server);
    await using here = await listen(server, { as });
    await using there = await listen(server, { as, url: node.url });
    await server.order(FORM, as);
    const ordered = await fetch(`${node.url}/v1/ESimProfiles`, {
      method: 'POST',
      headers: { Authorization: basic(as) },
      body: new URLSearchParams(FORM),
    });
    assert.equal(ordered.status, 201);
    await orderElsewhere(server, as.username);
    await here.until(9);
    await there.until(9);
    assert.deepEqual(idsOf(here), await allEvents(server, as));
    assert.deepEqual(idsOf(there), idsOf(here));
  });

  test('a listener cut off during a burst resumes on another node and misses nothing', async () => {
    const server = shared();
    const as = await server.addAccount(150);
    await using node = await secondNode(server);
    const cut: Listener[] = [];
    try {
      const urls = [server.url, node.url];
      const burst = { over: false };
      const orders = Promise.all(
        Array.from({ length: 10 }, async () => {
          for (let count = 0; count < 15; count++) await server.order(FORM, as);
        }),
      ).finally(() => (burst.over = true));
      // Sent first, to have a position from which to resume.
      cut.push(await listen(server, { as, query: { LastEventId: BEGINNING } }));
      for (let time = 0; !burst.over || time < 3; time++) {
        const before = idsOf(...cut).size;
        await Promise.race([cut.at(-1)!.until(before + 20 * (time + 1)), orders]);
        await cut.at(-1)!.hangUp();
        const lastEventId = cut
          .findLast(({ messages }) => messages.length > 0)!
          .messages.at(-1)!.id;
        cut.push(await listen(server, { as, url: urls[time % 2]!, lastEventId }));
      }
      await orders;
      const all = await allEvents(server, as);
      assert.equal(all.size, 450);
      await eventually(() => (idsOf(...cut).size === all.size ? true : undefined));
      assert.deepEqual(idsOf(...cut), all);
    } finally {
      for (const listener of cut) await listener[Symbol.asyncDispose]();
    }
  });

  test('an event committed after newer ones is sent', async () => {
    const server = shared();
    const as = await server.addAccount(0);
    const { store } = server.server.context;
    const [row] = await insertMany(store, as.username, 1);
    await using listener = await listen(server, { as });
    await notify(store, row!, 'newer');
    await listener.until(1);
    await store.transaction((tables) =>
      tables.esimProfileEvents.insert({
        account_sid: as.username,
        esim_profile_sid: row!.sid,
        sid: sidAt('event', new Date(Date.now() - 4_000)),
        type: 'notification',
        status: 'failed',
        previous_status: 'failed',
        cause: 'older',
        detail: null,
        date_created: '2026-01-01T00:00:00Z',
      }),
    );
    await listener.until(2);
    assert.deepEqual(causesOf(listener), ['newer', 'older']);
    // Also to a client that resumes from the newer one.
    await using resumed = await listen(server, { as, lastEventId: listener.messages[0]!.id });
    await eventually(() => (causesOf(resumed).includes('older') ? true : undefined));
  });

  test('two transactions that commit in the opposite order of their SIDs', async (context) => {
    if (database.name === 'SQLite') return context.skip('there they are run one after the other');
    const server = shared();
    const as = await server.addAccount(0);
    const { store } = server.server.context;
    const [row] = await insertMany(store, as.username, 1);
    await using listener = await listen(server, { as });
    const written = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const slow = store.transaction(async (tables) => {
      await insertNotificationEvent(row!, { cause: 'slow' }, unitAt(tables, new Date()));
      written.resolve();
      await held.promise;
    });
    await written.promise;
    await notify(store, row!, 'fast');
    await listener.until(1);
    // The feed has polled and found nothing more.
    await sleep(600);
    held.resolve();
    await slow;
    await listener.until(2);
    assert.deepEqual(causesOf(listener), ['fast', 'slow']);
    const [fast, late] = listener.messages;
    assert.ok(late!.id < fast!.id);
  });

  test('a burst reaches many listeners; one that does not read holds up nothing', async () => {
    const server = shared();
    const as = await server.addAccount(0);
    const { store } = server.server.context;
    const { rude, connection } = await connectRudely(server, as);
    const listeners = await Promise.all(Array.from({ length: 3 }, () => listen(server, { as })));
    let events = 0;
    async function burst(): Promise<void> {
      // Long ones: the local network buffers some ten megabytes.
      events += 2 * (await insertMany(store, as.username, 400, 'x'.repeat(20_000))).length;
      for (const listener of listeners) await listener.until(events);
    }
    while (!connection.writableNeedDrain) await burst();
    await burst();
    assert.ok(connection.writableNeedDrain);
    assert.ok(connection.writableLength < 5_000_000, `${connection.writableLength} bytes wait`);

    // When it reads again, it gets everything.
    const ids = new Set<string>();
    let rest = '';
    rude.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString('latin1')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith('id: ')) ids.add(line.slice(4));
    });
    await eventually(() => (ids.size >= events ? true : undefined));
    assert.deepEqual(ids, idsOf(listeners[0]!));
    rude.destroy();
    for (const listener of listeners) {
      assert.equal(listener.messages.length, events, 'nothing is told twice');
      await listener[Symbol.asyncDispose]();
    }
  });

  test('the database is polled once for all listeners, and only while there are any', async () => {
    const server = shared();
    const { store } = server.server.context;
    const ask = mock.method(store, 'changeToken');
    const began = performance.now();
    const listeners = await Promise.all(Array.from({ length: 20 }, () => listen(server)));
    await sleep(1_200);
    const asked = ask.mock.callCount();
    // Every half second, also if listening has taken long. On Citus, idle jobs ask, too: src/jobs/when-changed.ts.
    const looks = (performance.now() - began) / 500;
    const most = database.name === 'Citus' ? 30 : 4 + looks;
    assert.ok(asked >= 1 && asked <= most, `asked ${asked} times, ${looks} could be expected`);
    for (const listener of listeners) await listener[Symbol.asyncDispose]();
    if (database.name === 'Citus') return ask.mock.restore();
    await eventually(async () => {
      const before = ask.mock.callCount();
      await sleep(700);
      return ask.mock.callCount() === before ? true : undefined;
    });
    ask.mock.restore();
  });
});

describe('around the stream', () => {
  test('its headers; HEAD has them too, and ends', async () => {
    await using server = await startTestServer();
    await using listener = await listen(server);
    const head = await server.request('/v1/Events', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    for (const headers of [listener.headers, head.headers]) {
      assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-accel-buffering'), 'no');
      assert.match(headers.get('twilio-request-id')!, /^RQ[0-9a-f]{32}$/);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal(headers.get('content-length'), null);
    }
  });

  test('401 without credentials, 404 for an unknown profile, 400 for an invalid event', async () => {
    await using server = await startTestServer();
    assert.equal((await server.request('/v1/Events', { as: null })).status, 401);
    const unknown = `/v1/Events?ESimProfileSid=HP${'0'.repeat(32)}`;
    assert.equal((await server.request(unknown)).status, 404);
    for (const bad of ['1', 'EV1', `HP${'0'.repeat(32)}`, `${BEGINNING}, ${BEGINNING}`]) {
      const { status, json } = await server.request('/v1/Events', {
        headers: { 'Last-Event-ID': bad },
      });
      assert.deepEqual([status, json.code], [400, 20001]);
      const { status: byQuery } = await server.request(`/v1/Events?LastEventId=${bad}`);
      assert.equal(byQuery, 400);
    }
    assert.equal((await server.request('/v1/Events', { method: 'POST' })).status, 405);
  });

  test('a read-only key may listen', async () => {
    await using server = await startTestServer();
    const { store, now } = server.server.context;
    const { username } = server.account;
    const { key, secret } = await store.transaction((tables) =>
      createApiKey(username, 'a reader', 'read', unitAt(tables, now())),
    );
    const as = { username: key.sid, password: secret };
    await using listener = await listen(server, { as });
    await server.order(FORM);
    await listener.until(3);
  });

  test('listeners are counted separately: 429 beyond the limit', async () => {
    await using server = await startTestServer({
      env: { SIMWRIGHT_MAX_EVENT_STREAMS: '2', SIMWRIGHT_MAX_CONCURRENT_REQUESTS: '1' },
    });
    const listeners = [await listen(server), await listen(server)];
    const refused = await server.request('/v1/Events');
    assert.deepEqual([refused.status, refused.json.code], [429, 20429]);
    assert.equal(refused.headers.get('retry-after'), '1');
    const { headers } = await server.request('/v1/ESimProfiles');
    assert.equal(headers.get('twilio-concurrent-requests'), '1');
    listeners.push(await listen(server, { as: await server.addAccount(0) }));
    await listeners[0]!.hangUp();
    const again = await eventually(() => listen(server).catch(() => undefined));
    for (const listener of [again, ...listeners]) await listener.hangUp();
  });

  test('a stopping server ends its streams at once, even those not being read', async () => {
    await using server = await startTestServer({ stock: 0 });
    const { username } = server.account;
    await using listener = await listen(server);
    const { rude, connection } = await connectRudely(server);
    await fillUp(connection, server.server.context.store, username);
    const began = Date.now();
    await server.server[Symbol.asyncDispose]();
    assert.ok(Date.now() - began < 10_000);
    await listener.ended;
    rude.destroy();
  });

  test('a listener resumes after a restart of the server', async () => {
    await using server = await startTestServer();
    const before = await listen(server);
    await server.order(FORM);
    await before.until(3);
    await server.restart();
    await before.ended;
    await server.order(FORM);
    const lastEventId = before.messages.at(-1)!.id;
    await using after = await listen(server, { lastEventId });
    await eventually(() => (idsOf(before, after).size === 6 ? true : undefined));
  });
});

describe('every half minute', () => {
  test('a stream is checked: it ends if the credentials were revoked', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    await using server = await startTestServer();
    const { store, masterKey } = server.server.context;
    await using listener = await listen(server);
    context.mock.timers.tick(30_000);
    await server.order(FORM);
    await listener.until(3);
    await store.transaction((tables) =>
      rotateAuthToken(server.account.username, masterKey, unitAt(tables, new Date())),
    );
    // The old one may be cached for so long.
    await sleep(1_100);
    context.mock.timers.tick(30_000);
    await listener.ended;
  });

  test('a stream is checked: a client that has read nothing is cut off', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    await using server = await startTestServer({ stock: 0 });
    const { username } = server.account;
    const { rude, connection } = await connectRudely(server);
    await fillUp(connection, server.server.context.store, username);
    const cut = once(connection, 'close');
    context.mock.timers.tick(30_000);
    assert.equal(connection.destroyed, false);
    context.mock.timers.tick(30_000);
    await cut;
    rude.destroy();
  });
});
