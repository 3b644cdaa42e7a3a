// Machines whose clocks are wrong: nodes five minutes apart on one PostgreSQL, and a machine with SQLite whose clock
// is set back by an hour.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { commandLine } from '../cli/command.ts';
import type { Listener } from '../listener.ts';
import { idsOf, listen } from '../listener.ts';
import { databaseWithTables, withoutPostgres as skip } from '../databases.ts';
import { dateOfSid } from '../../src/values/sid.ts';
import type { ServerProcess } from '../process.ts';
import { startProcess } from '../process.ts';
import type { Receiver } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { basic, eventually } from '../server.ts';

const SHIFTED = join(import.meta.dirname, '../shifted-clock.ts');
const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };
const MINUTE = 60_000;
/** By so much, nodes that are busy may be mistaken about the time of the database: by half of what its answer takes. */
const CLOSE_MS = 5_000;
const STATUSES = ['new', 'reserving', 'available'];

interface Node extends ServerProcess {
  call(path: string, form?: Record<string, string>): Promise<any>;
  listen(lastEventId?: string): Promise<Listener>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Its log lines. */
  log: string[];
}

/** A server on a machine whose clock is ahead by this much. */
async function startNode(
  env: Record<string, string>,
  aheadMs: number,
  context: TestContext,
): Promise<Node> {
  const log: string[] = [];
  const node = await startProcess(
    {
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: '0',
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_LOG_LEVEL: 'warn',
      SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
      SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
      TEST_CLOCK_AHEAD_MS: String(aheadMs),
      ...env,
    },
    ([program, ...args]) => [program!, '--import', SHIFTED, ...args],
    (line) => log.push(line),
  );
  const ended = once(node.process, 'exit');
  context.after(() => node.process.kill('SIGKILL'));
  return {
    ...node,
    log,
    async call(path, form) {
      const response = await fetch(node.url + path, {
        headers: { Authorization: basic(ACCOUNT) },
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      });
      const text = await response.text();
      assert.ok(response.ok, text);
      return JSON.parse(text);
    },
    listen: (lastEventId) =>
      listen(
        { url: node.url, account: ACCOUNT, check: () => {} },
        lastEventId === undefined ? {} : { lastEventId },
      ),
    async stop(signal = 'SIGTERM') {
      node.process.kill(signal);
      await ended;
    },
  };
}

async function folder(context: TestContext): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'simwright-clocks-'));
  context.after(() => rm(data, { recursive: true, force: true }));
  return data;
}

async function placeOrder(node: Node, callbackUrl: string): Promise<string> {
  const order = { GenerateMatchingId: 'true', CallbackUrl: callbackUrl };
  return (await node.call('/v1/ESimProfiles', order)).sid;
}

/** Waits until the receiver has been told that a profile is available. */
async function untilTold(receiver: Receiver, sid: string): Promise<void> {
  await eventually(() => (statusesOf(receiver, sid).includes('available') ? true : undefined));
}

/** Places an order and follows it to the end. */
async function orderFrom(node: Node, receiver: Receiver): Promise<string> {
  const sid = await placeOrder(node, receiver.url);
  await untilTold(receiver, sid);
  return sid;
}

const statusesOf = ({ calls }: Receiver, sid: string) =>
  calls
    .filter(({ parameters }) => parameters['ESimProfileSid'] === sid)
    .map(({ parameters }) => parameters['Status']);

/** Oldest first. */
async function historyOf(node: Node, sid: string): Promise<any[]> {
  const { events } = await node.call(`/v1/ESimProfiles/${sid}/Events`);
  return events.toReversed();
}

describe(
  'three nodes whose clocks are five minutes behind, right, and five minutes ahead',
  { skip },
  () => {
    test('deliver each callback once and in order, keep histories in order, send every event, and warn', async (context) => {
      const data = await folder(context);
      const url = await databaseWithTables();
      const env = {
        SIMWRIGHT_DATA: data,
        SIMWRIGHT_DATABASE_URL: url,
        SIMWRIGHT_TEST_STOCK: '50',
      };
      const nodes: Node[] = [];
      // The right one first: the others use what it creates, such as certificates.
      for (const minutes of [0, -5, 5]) nodes.push(await startNode(env, minutes * MINUTE, context));
      // Slow enough for every node to look for callbacks to send.
      await using receiver = await startReceiver((_call, _request, response) => {
        setTimeout(() => response.writeHead(204).end(), 1_500);
      });
      const listeners = await Promise.all(nodes.map((node) => node.listen()));

      const admin = new Client({ connectionString: url });
      await admin.connect();
      const { rows: asked } = await admin.query<{ now: Date }>('select now()');
      const sids: string[] = [];
      for (let count = 0; count < 12; count++) {
        sids.push(await placeOrder(nodes[count % 3]!, receiver.url));
      }
      await Promise.all(sids.map((sid) => untilTold(receiver, sid)));
      const all = sids.length * STATUSES.length;
      for (const listener of listeners) await listener.until(all);
      // A second delivery would have begun by now.
      await sleep(2_000);

      for (const sid of sids) {
        assert.deepEqual(statusesOf(receiver, sid), ['reserving', 'available']);
        const history = await historyOf(nodes[0]!, sid);
        assert.deepEqual(
          history.map(({ status }) => status),
          STATUSES,
        );
      }
      for (const listener of listeners) {
        assert.equal(listener.messages.length, all, 'each event is told once');
        assert.equal(idsOf(listener).size, all);
      }
      // A listener that moves from node to node misses nothing.
      for (const [index, listener] of listeners.entries()) {
        const next = nodes[(index + 1) % 3]!;
        const at = Math.floor(all / 2);
        const resumed = await next.listen(listener.messages[at]!.id);
        const missed = listener.messages.slice(at + 1).map(({ id }) => id);
        await eventually(() => (missed.every((id) => idsOf(resumed).has(id)) ? true : undefined));
        await resumed.hangUp();
      }
      const { esim_profiles: listed } = await nodes[1]!.call('/v1/ESimProfiles');
      assert.deepEqual(
        listed.map(({ sid }: any) => sid),
        sids.toSorted().toReversed(),
        'newest first, whoever has taken the order',
      );
      const times = sids.map((sid) => dateOfSid(sid).getTime());
      for (const [index, time] of times.slice(1).entries()) {
        assert.ok(time > times[index]! - CLOSE_MS, 'nodes agree on the time');
      }

      // Times in the database come from the database's clock.
      for (const [table, column] of [
        ['esim_profiles', 'date_created'],
        ['esim_profiles', 'date_updated'],
        ['esim_profile_events', 'date_created'],
        ['callbacks', 'date_created'],
        ['callback_attempts', 'date_started'],
        ['sims', 'date_created'],
      ] as const) {
        const { rows } = await admin.query<{ count: number; since: number; ago: number }>(
          `select count(*)::int as count,
             extract(epoch from min(${column}::timestamptz) - $1)::float8 as since,
             extract(epoch from now() - max(${column}::timestamptz))::float8 as ago from ${table}`,
          [asked[0]!.now],
        );
        const { count, since, ago } = rows[0]!;
        assert.ok(count >= sids.length);
        assert.ok(since > -60, `${table}.${column}: ${-since} seconds before the first order`);
        assert.ok(ago > -60, `${table}.${column}: ${-ago} seconds from now`);
      }
      await admin.end();

      const warning = (where: string) =>
        `The clock of this machine is N seconds ${where} the database's, which sets the time for all nodes; set both by NTP`;
      const expected = [undefined, warning('behind'), warning('ahead of')];
      const rounded = (text?: string) => text?.replace(/ (29[5-9]|30[0-5]) seconds/, ' N seconds');
      for (const [index, node] of nodes.entries()) {
        const logged = node.log.map((line) => JSON.parse(line).msg as string);
        const clock = logged.filter((line) => line.startsWith('The clock')).map(rounded);
        assert.deepEqual(clock, expected[index] === undefined ? [] : [expected[index]]);
        assert.equal(rounded((await node.call('/readyz')).warning), expected[index]);
      }
      for (const listener of listeners) await listener.hangUp();
      await Promise.all(nodes.map((node) => node.stop()));
    });
  },
);

describe('SQLite, on a machine whose clock is set back by an hour', () => {
  test('while the server runs and while it is stopped: orders, callbacks and events continue', async (context) => {
    const data = await folder(context);
    const env = { SIMWRIGHT_DATA: data, SIMWRIGHT_TEST_STOCK: '20' };
    let fail = true;
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(fail ? 500 : 204).end();
    });
    const node = await startNode(env, 60 * MINUTE, context);
    const listener = await node.listen();
    const before = await placeOrder(node, `${receiver.url}#rc=3&rp=all`);
    await eventually(() => (statusesOf(receiver, before).length > 0 ? true : undefined));

    // A callback is waiting a second for its next attempt.
    node.process.kill('SIGUSR2');
    fail = false;
    await eventually(() => {
      const [, ...again] = statusesOf(receiver, before);
      return again.includes('reserving') && again.includes('available') ? true : undefined;
    });
    const later = await orderFrom(node, receiver);
    await listener.until(6);
    const told = listener.messages.at(-1)!.id;
    await eventually(() =>
      node.log.some((line) => line.includes('behind the newest record')) ? true : undefined,
    );
    await node.stop('SIGKILL');
    await listener.hangUp();

    // A command and a restarted server find later times in the database.
    await using simwright = await commandLine({}, data);
    const { sid: ordered } = await simwright.json('profile', 'order', '--matching-id');
    const again = await startNode(env, 0, context);
    const resumed = await again.listen(told);
    const last = await orderFrom(again, receiver);
    await eventually(() => {
      const events = resumed.messages.map(({ data: { event } }) => event);
      const statuses = (sid: string) =>
        events.filter((event) => event.esim_profile_sid === sid).map(({ status }) => status);
      return [ordered, last].every((sid) => statuses(sid).length === 3) ? true : undefined;
    });
    const { esim_profiles: listed } = await again.call('/v1/ESimProfiles');
    assert.deepEqual(
      listed.map(({ sid }: any) => sid),
      [last, ordered, later, before],
    );
    for (const sid of [before, later, ordered, last]) {
      const history = await historyOf(again, sid);
      assert.deepEqual(
        history.map(({ status }) => status),
        STATUSES,
      );
      const dates = history.map(({ date_created: date }) => date as string);
      assert.deepEqual(dates, dates.toSorted());
    }
    await resumed.hangUp();
    await again.stop();
  });
});
