// More than a server can do at once: what is beyond its limit is refused at once, and what was admitted ends, also
// when the database has not answered for a while.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { Agent } from 'node:https';
import { test } from 'node:test';
import { Client } from 'pg';
import type { Favour, Place } from '../../src/process/admission.ts';
import { askPostgres } from '../ask-postgres.ts';
import { keepBusy } from '../busy-loop.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestDatabase } from '../databases.ts';
import { NO_CONTENT, placeOf, stateOf, Steps, stepsOf, SUCCESS } from '../es9plus/calls.ts';
import { newEuicc } from '../es9plus/phone.ts';
import { newOperator } from '../es2plus/operator.ts';
import type { Credentials } from '../server.ts';
import { eventually } from '../server.ts';

const FORM = { GenerateMatchingId: 'true' };
const LIMIT = 9;
const TURNED_AWAY = {
  code: 20503,
  message: 'Service Unavailable: too many requests at the moment; try again',
  more_info: 'https://www.twilio.com/docs/errors/20503',
  status: 503,
};

onEachDatabase('backpressure', (database) => {
  let url: string | undefined;
  const known: TestDatabase = {
    ...database,
    async own() {
      url = await database.own();
      // Longer than ours, so that on a busy machine what waits is not refused before the test lets go.
      if (url !== undefined) {
        const { pathname } = new URL(url);
        await askPostgres(url, `alter database ${pathname.slice(1)} set lock_timeout = '30s'`);
      }
      return url;
    },
  };
  const running = serverOn(known, {
    es9: true,
    stock: 40,
    env: { SIMWRIGHT_MAX_REQUESTS: String(LIMIT), SIMWRIGHT_ES2_PORT: '0' },
  });
  const admission = () => running().server.context.admission;
  const inUse = (count: number) =>
    eventually(() => (admission().figures.inUse === count ? true : undefined));
  const ordered = async (as?: Credentials) => {
    const { json } = await running().request('/v1/ESimProfiles?PageSize=1000', as && { as });
    return (json.esim_profiles as { sid: string }[]).map(({ sid }) => sid);
  };

  /** Nobody can write, as with a database that has become slow. */
  async function hold(): Promise<() => Promise<void>> {
    const { config } = running();
    if (config.database.kind === 'sqlite') {
      const db = new DatabaseSync(config.database.file, { timeout: 5_000 });
      db.exec('begin immediate');
      return async () => (db.isOpen ? db.close() : undefined);
    }
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('begin');
    for (const table of ['esim_profiles', 'rsp_sessions', 'rsp_notifications']) {
      await client.query(`lock table ${table} in share row exclusive mode`);
    }
    return () => client.end();
  }

  /** Work that does not end until it is told to. */
  function occupy(favour: Favour, count: number): () => void {
    const places: Place[] = Array.from({ length: count }, () => admission().enter(favour));
    return () => places.forEach((place) => place.leave());
  }

  test('a held database: what was admitted ends, what was refused is not stored, and a running download goes on', async (context) => {
    const server = running();
    const other = await server.addAccount();
    const { matching_id: matchingId } = await server.order(FORM);
    const steps = stepsOf(server, matchingId);
    await steps.initiate();
    const before = await ordered();
    const release = await hold();
    context.after(release);
    const entries = context.mock.method(admission(), 'enter').mock;
    /** An order enters with its head, and again when its body has arrived; what is refused for its account, once. */
    const entered = (orders: number, others: number) =>
      eventually(() => {
        const places = entries.calls.filter(({ error }) => error === undefined).length;
        return places === 2 * orders + others ? true : undefined;
      });

    const place = (as?: Credentials) =>
      server.request('/v1/ESimProfiles', { form: FORM, ...(as && { as }) });
    const admitted = Array.from({ length: 3 }, () => place());
    await entered(3, 0);
    // A third is the most for one account.
    const refused = [await place(), await place()];
    admitted.push(place(other), place(other));
    await entered(5, 2);
    assert.equal(admission().figures.inUse, 5);
    // And half for all that begins.
    refused.push(await place(other));
    for (const { status, headers, json } of refused) {
      assert.equal(status, 503);
      assert.match(headers.get('retry-after')!, /^[123]$/);
      assert.deepEqual(json, TURNED_AWAY);
    }
    const begun = await stepsOf(server, matchingId).initiate();
    assert.deepEqual([begun.status, begun.result], [200, '1.2 / 4.4']);
    // Reads go on, and so does the download that had begun.
    assert.equal((await server.request('/v1/ESimProfiles/HP0', { as: other })).status, 404);
    const going = steps.authenticate();
    await inUse(6);
    for (const path of ['/healthz', '/']) {
      const { status } = await server.request(path, { as: null });
      assert.equal(status, path === '/' ? 302 : 200, path);
    }

    await release();
    const answers = await Promise.all(admitted);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201, 201, 201],
    );
    assert.equal((await going).result, SUCCESS);
    await inUse(0);
    const sids = answers.map(({ json }) => json.sid as string);
    const stored = [...(await ordered()), ...(await ordered(other))];
    assert.deepEqual(stored.toSorted(), [...before, ...sids].toSorted());
    for (const { json, status } of await Promise.all([place(), place(other)])) {
      assert.equal(status, 201, JSON.stringify(json));
    }
  });

  test('§5.6.4 a notification without room: 503 with Retry-After, and the LPA keeps it', async () => {
    const server = running();
    const order = await server.order(FORM);
    const steps = stepsOf(server, order.matching_id);
    const result = await steps.install();
    const leave = occupy('goes on', LIMIT);
    const refused = await steps.notify(result);
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '10']);
    assert.equal(refused.result, '1.2 / 4.4');
    assert.equal((await steps.cancel('postponed')).result, '1.2 / 4.4');
    leave();
    assert.equal((await stateOf(server, order.sid)).profile?.status, 'downloaded');
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal((await stateOf(server, order.sid)).profile?.status, 'installed');
  });

  test('§5.2.6 an order over ES2+ without room is 1.2/4.4, and one that has begun goes on', async () => {
    using operator = await newOperator(running());
    const { json } = await operator.call('downloadOrder', { profileType: 'default' });
    const leave = occupy('begins', Math.ceil(LIMIT / 2));
    const { status, result } = await operator.call('downloadOrder', { profileType: 'default' });
    assert.deepEqual([status, result], [200, '1.2/4.4']);
    const { iccid } = json;
    const confirmed = await operator.call('confirmOrder', {
      iccid,
      releaseFlag: true,
    });
    assert.equal(confirmed.result, 'Executed-Success');
    leave();
    assert.equal(
      (await operator.call('downloadOrder', { profileType: 'default' })).result,
      'Executed-Success',
    );
  });

  test('everything is refused without room but /healthz and /readyz, which says that the server is ready', async () => {
    const server = running();
    const leave = occupy('goes on', LIMIT);
    // Not before it is known that the caller may be told: nothing is asked of the database.
    const wrong = { username: server.account.username, password: 'wrong' };
    for (const as of [server.account, wrong, null]) {
      const { status, headers, json } = await server.request('/v1/ESimProfiles', { as });
      assert.equal(status, 503);
      assert.ok(headers.get('twilio-request-id'));
      assert.deepEqual(json, TURNED_AWAY);
    }
    const page = await server.request('/i/token', { as: null });
    assert.deepEqual([page.status, /^[123]$/.test(page.headers.get('retry-after')!)], [503, true]);
    assert.match(page.headers.get('content-type')!, /^text\/html/);
    const head = await server.request('/v1/ESimProfiles', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [503, '']);
    assert.equal((await server.request('/healthz', { as: null })).status, 200);
    assert.equal((await server.request('/readyz', { as: null })).json.status, 'ready');
    leave();
    assert.equal((await server.request('/v1/ESimProfiles')).status, 200);
    const lines = server.logged.map((line) => JSON.parse(line) as { level: number; msg: string });
    // Told once, not for each.
    const told = lines.filter(({ msg }) => msg.startsWith('too much to do'));
    assert.equal(told.length, 1);
    assert.deepEqual(
      lines.filter(({ level }) => level >= 50),
      [],
    );
  });

  test('§5.6.1 while the loop is busy with what goes on, a running download goes on, and a new one waits', async () => {
    const server = running();
    const { turns } = server.server.context;
    const agent = new Agent({ keepAlive: true });
    const devices = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const { matching_id: matchingId } = await server.order(FORM);
        const place = { ...placeOf(server), agent };
        return new Steps(place, server.config.smdpAddress, newEuicc(server), matchingId);
      }),
    );
    // At the same time, so that each has its connection.
    await Promise.all(devices.map((device) => device.initiate()));
    const [under, other] = devices as [Steps, Steps];
    const ended: string[] = [];
    const end = keepBusy(turns);
    try {
      const beginning = other.again('initiateAuthentication').then(({ result }) => {
        ended.push('begins');
        return result;
      });
      await eventually(() => (turns.waits('begins') > 0 ? true : undefined));
      assert.equal((await under.authenticate()).result, SUCCESS);
      ended.push('goes on');
      assert.equal((await server.request('/healthz', { as: null })).status, 200);
      ended.push('/healthz');
      end();
      assert.equal(await beginning, SUCCESS);
      assert.deepEqual(ended, ['goes on', '/healthz', 'begins']);
    } finally {
      end();
      agent.destroy();
    }
  });

  test('a body that is still to come takes no room', async () => {
    const server = running();
    const slow = Array.from({ length: LIMIT }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      async function* body() {
        yield Buffer.from('GenerateMatching');
        await promise;
        yield Buffer.from('Id=true');
      }
      const { username, password } = server.account;
      const answer = fetch(new URL('/v1/ESimProfiles', server.url), {
        method: 'POST',
        headers: {
          Authorization: `Basic ${btoa(`${username}:${password}`)}`,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body: ReadableStream.from(body()),
        duplex: 'half',
      });
      return { answer, resolve };
    });
    await eventually(async () => {
      const { headers } = await server.request('/v1/ESimProfiles/HP0');
      return headers.get('twilio-concurrent-requests') === String(LIMIT + 1) ? true : undefined;
    });
    await inUse(0);
    for (const { answer, resolve } of slow) {
      resolve();
      assert.equal((await answer).status, 201);
    }
  });
});
