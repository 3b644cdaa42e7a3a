// Failed TLS handshakes in the log and in the database: all are counted without flooding either.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Context } from '../../src/context.ts';
import { ALONE } from '../../src/process/peers.ts';
import { HandshakeFailures } from '../../src/https/handshake-failures.ts';
import { openTestData } from '../data.ts';
import { onEachDatabase } from '../databases.ts';
import { eventually } from '../server.ts';
import { unitAt } from '../unit.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
/** After the first, nothing is written before `close`. */
const SLOW = { logEveryMs: 60_000, lines: 10, storeEveryMs: 60_000 };

onEachDatabase('failed TLS handshakes', (database) => {
  async function setUp() {
    const data = await openTestData(database);
    const lines: any[] = [];
    const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
    let writes = 0;
    let isDown = false;
    const context: Pick<Context, 'log' | 'transact' | 'now' | 'config' | 'peers'> = {
      log,
      now: () => NOW,
      peers: ALONE,
      config: { ...data.config, trustedProxies: ['10.0.0.0/8', '2001:db8::1'] },
      async transact(work) {
        writes++;
        if (isDown) throw new Error('down');
        return data.store.transaction((tables) => work(unitAt(tables, NOW)));
      },
    };
    return {
      context,
      lines,
      writes: () => writes,
      setDown: (down: boolean) => (isDown = down),
      rows: async () => (await data.store.tlsFailures.list('2026')).map((row) => ({ ...row })),
      [Symbol.asyncDispose]: () => data[Symbol.asyncDispose](),
    };
  }

  test('by the thousand: ten lines, one summary, and two writes', async () => {
    await using server = await setUp();
    const failures = new HandshakeFailures(server.context, SLOW);
    for (let n = 1; n <= 1_000; n++) failures.note('no shared cipher', `192.0.2.${n % 250}`);
    await eventually(() => (server.writes() > 0 ? true : undefined));
    for (let n = 0; n < 1_000; n++) failures.note('no shared cipher', '198.51.100.7');
    await failures.close();
    assert.equal(server.writes(), 2);
    const reason = 'no shared cipher';
    assert.equal(server.lines.length, 11);
    assert.deepEqual(
      server.lines.map(({ msg, address, count }) => [msg, address, count]).slice(9),
      [
        ['TLS handshake failed', '192.0.2.10', undefined],
        ['more TLS handshakes failed', '198.51.100.7', 1_990],
      ],
    );
    assert.deepEqual(await server.rows(), [
      {
        reason,
        failures: 2_000,
        address: '198.51.100.7',
        date_first: '2026-11-28T12:00:00Z',
        date_last: '2026-11-28T12:00:00Z',
      },
    ]);
  });

  test('a minute later there may be lines again', async () => {
    await using server = await setUp();
    const failures = new HandshakeFailures(server.context, { ...SLOW, logEveryMs: 20 });
    for (let n = 0; n < 12; n++) failures.note('timed out', '192.0.2.1');
    await eventually(() => server.lines[10]);
    failures.note('timed out', '192.0.2.2');
    assert.deepEqual(
      server.lines.slice(10).map(({ count, address }) => [count, address]),
      [
        [2, '192.0.2.1'],
        [undefined, '192.0.2.2'],
      ],
    );
    await failures.close();
  });

  test('of several nodes are summed by reason', async () => {
    await using server = await setUp();
    const nodes = [1, 2, 3].map(() => new HandshakeFailures(server.context, SLOW));
    for (const [index, node] of nodes.entries()) {
      node.note('timed out', `192.0.2.${index}`);
      node.note('no shared cipher', `192.0.2.${index}`);
    }
    await Promise.all(nodes.map((node) => node.close()));
    assert.deepEqual(
      (await server.rows()).map(({ reason, failures }) => [reason, failures]),
      [
        ['no shared cipher', 3],
        ['timed out', 3],
      ],
    );
  });

  test('for any number of reasons take a bounded number of rows', async () => {
    await using server = await setUp();
    const failures = new HandshakeFailures(server.context, SLOW);
    for (let n = 0; n < 1_000; n++) failures.note(`reason ${n}`, '192.0.2.1');
    await failures.close();
    const rows = await server.rows();
    assert.equal(rows.length, 101);
    assert.equal(rows.find(({ reason }) => reason === 'other')?.failures, 900);
  });

  test('are stored later if the database cannot answer', async () => {
    await using server = await setUp();
    const failures = new HandshakeFailures(server.context, { ...SLOW, storeEveryMs: 10 });
    server.setDown(true);
    failures.note('timed out', '192.0.2.1');
    await eventually(() => server.lines.find(({ level }) => level === 50));
    server.setDown(false);
    failures.note('timed out', '192.0.2.1');
    await failures.close();
    assert.equal((await server.rows())[0]?.failures, 2);
  });

  test('are deleted after 30 days, and kept apart for clients behind a proxy', async () => {
    await using server = await setUp();
    const old = { ...server.context, now: () => new Date('2026-10-01T12:00:00Z') };
    const before = new HandshakeFailures(old, SLOW);
    before.note('timed out', '192.0.2.1');
    await before.close();
    assert.equal((await server.rows()).length, 1);
    const failures = new HandshakeFailures(server.context, SLOW);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '192.0.2.1', 'fe80::1']) {
      failures.note('no shared cipher', address);
    }
    await failures.close();
    assert.deepEqual(
      server.lines.slice(1).map(({ proxy }) => proxy),
      [true, true, true, undefined, undefined],
    );
    assert.deepEqual(
      (await server.rows()).map(({ reason }) => reason),
      ['no shared cipher'],
    );
  });
});
