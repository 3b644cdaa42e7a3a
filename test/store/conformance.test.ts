// Requirements on every store: the same cases on each database, alone and concurrently.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DatabaseConfig } from '../../src/config.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import type { NewEsimProfile } from '../../src/operator/esim-profile.ts';
import { AlreadyExists, Conflict } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open.ts';
import type { Position } from '../../src/store/pages.ts';
import type {
  CallbackRow,
  EsimProfileRow,
  SimRow,
  SubscriptionRow,
} from '../../src/store/schema.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { onEachDatabaseAndPooler } from '../databases.ts';
import { eventually } from '../server.ts';
import { unitAt } from '../unit.ts';
import { subscriptionRow } from './subscription-row.ts';

const ACCOUNT = `AC${'a'.repeat(32)}`;
const NOW = new Date('2026-11-23T12:00:00.123Z');
const DATE = '2026-11-23T12:00:00Z';

function order(
  tables: Transaction,
  eid: string | null = null,
  fields: Partial<NewEsimProfile> = {},
): Promise<EsimProfileRow> {
  return insertEsimProfile(
    {
      account_sid: ACCOUNT,
      eid,
      generate_matching_id: eid === null ? 1 : 0,
      profile_type: null,
      confirmation_code: null,
      callback_url: 'http://127.0.0.1:9/',
      callback_method: 'POST',
      ...fields,
    },
    { cause: 'test' },
    unitAt(tables, NOW),
  );
}

const subscription = (serial: number, fields: Partial<SubscriptionRow> = {}): SubscriptionRow =>
  subscriptionRow({
    account_sid: ACCOUNT,
    iccid: `8900000000000${String(serial).padStart(6, '0')}`,
    date_created: DATE,
    date_updated: DATE,
    ...fields,
  });

function sim(serial: number, fields: Partial<SimRow> = {}): SimRow {
  const digits = String(serial).padStart(32, '0');
  return {
    account_sid: ACCOUNT,
    sid: `HS${digits}`,
    iccid: `89${digits.slice(-17)}`,
    unique_name: null,
    status: 'new',
    scheduled_status: null,
    fleet_sid: null,
    callback_url: null,
    callback_method: 'POST',
    callback_off: 0,
    date_created: DATE,
    date_updated: DATE,
    ...fields,
  };
}

function callback(serial: number, fields: Partial<CallbackRow> = {}): CallbackRow {
  return {
    account_sid: ACCOUNT,
    sid: `CB${String(serial).padStart(32, '0')}`,
    resource_sid: `HP${String(serial).padStart(32, '0')}`,
    receiver: 'http://127.0.0.1:9',
    url: 'http://127.0.0.1:9/',
    method: 'POST',
    parameters: '[]',
    request_id: null,
    state: 'pending',
    attempts: 0,
    next_attempt_at: '2026-11-23T12:00:00.000Z',
    locked_until: null,
    date_created: '2026-11-23T12:00:00.000Z',
    date_settled: null,
    ...fields,
  };
}

onEachDatabaseAndPooler('a store', (database) => {
  let folder: string;
  let config: DatabaseConfig;
  let store: Store;
  /** A second node, as another process would open it. */
  let second: Store;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-store-'));
    const url = await database.own();
    config =
      url === undefined
        ? { kind: 'sqlite', file: join(folder, 'test.db') }
        : { kind: 'postgres', url };
  });
  after(async () => {
    await store.close();
    await second.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('opens when several nodes start at once, and again', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(config)));
    await Promise.all(stores.map((opened) => opened.close()));
    store = await openStore(config);
    second = await openStore(config);
  });

  test('returns what was written, to every node', async () => {
    const row = await store.transaction((tables) => order(tables));
    for (const node of [store, second]) {
      assert.deepEqual({ ...(await node.esimProfiles.find(ACCOUNT, row.sid)) }, row);
      assert.equal(await node.esimProfiles.find(`AC${'b'.repeat(32)}`, row.sid), undefined);
    }
    assert.deepEqual(JSON.parse(row.resource).sid, row.sid);
  });

  test('keeps nothing of a failed transaction, and everything of the others', async () => {
    const results = await Promise.allSettled([
      store.transaction((tables) => tables.settings.insert('kept 1', 'x')),
      store.transaction(async (tables) => {
        await tables.settings.insert('lost', 'x');
        throw new Error('failed');
      }),
      store.transaction((tables) => tables.settings.insert('kept 2', 'x')),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(await second.settings.find('lost'), undefined);
    assert.equal(await second.settings.find('kept 1'), 'x');
    assert.equal(await second.settings.find('kept 2'), 'x');
  });

  test('shows nothing of a transaction before it ends', async () => {
    await store.transaction(async (tables) => {
      await tables.settings.insert('unfinished', 'x');
      assert.equal(await tables.settings.find('unfinished'), 'x');
      assert.equal(await store.settings.find('unfinished'), undefined);
      assert.equal(await second.settings.find('unfinished'), undefined);
    });
    assert.equal(await store.settings.find('unfinished'), 'x');
  });

  test('reports that a key already exists', async () => {
    const first = await store.transaction((tables) => tables.settings.insert('once', '1'));
    const again = await second.transaction((tables) => tables.settings.insert('once', '2'));
    assert.deepEqual([first, again, await store.settings.find('once')], [true, false, '1']);
    await store.transaction((tables) => tables.sims.ensure(sim(1, { unique_name: 'name' })));
    await assert.rejects(
      store.transaction((tables) => tables.sims.ensure(sim(2, { unique_name: 'name' }))),
      AlreadyExists,
    );
  });

  test('a Sim is found by its SID before its unique name', async () => {
    await store.transaction(async (tables) => {
      await tables.sims.ensure(sim(3));
      await tables.sims.ensure(sim(4, { unique_name: sim(3).sid }));
    });
    assert.equal((await store.sims.find(ACCOUNT, sim(3).sid))?.sid, sim(3).sid);
    assert.equal((await store.sims.find(ACCOUNT, 'name'))?.sid, sim(1).sid);
    assert.equal(await store.sims.find(ACCOUNT, 'nobody'), undefined);
  });

  test('the change token stays while nothing changes, and changes with every write of any node', async () => {
    for (const writer of [store, second]) {
      // PostgreSQL's snapshots cover all its databases, so other transactions may intervene.
      const token = await eventually(async () => {
        const found = await store.changeToken();
        return (await store.changeToken()) === found ? found : undefined;
      });
      await writer.transaction((tables) => order(tables));
      assert.notEqual(await store.changeToken(), token);
    }
  });

  test('pages: every combination of filters, in both directions', async () => {
    const eid = '89049032005008882600033489bbbbbb';
    const rows: EsimProfileRow[] = [];
    await store.transaction(async (tables) => {
      for (let count = 0; count < 7; count++) rows.push(await order(tables, eid));
    });
    const sids = rows.map(({ sid }) => sid).toReversed();
    const filter = { account_sid: ACCOUNT, eid, status: 'new' };
    const first = await store.esimProfilePages(filter, { kind: 'first' }, 3);
    assert.deepEqual([first.rows.map(({ sid }) => sid), first.more], [sids.slice(0, 3), true]);
    assert.equal(first.rows[0]?.resource, rows[6]?.resource);
    const older = { kind: 'older' as const, than: sids[3]! };
    const last = await store.esimProfilePages(filter, older, 3);
    assert.deepEqual([last.rows.map(({ sid }) => sid), last.more], [sids.slice(4), false]);
    const newer = { kind: 'newer' as const, than: sids[4]! };
    const back = await store.esimProfilePages(filter, newer, 3);
    assert.deepEqual([back.rows.map(({ sid }) => sid), back.more], [sids.slice(1, 4), true]);
    const none = await store.esimProfilePages({ ...filter, sim_sid: 'HS0' }, { kind: 'first' }, 3);
    assert.deepEqual([none.rows, none.more], [[], false]);
  });

  test('a list by EID has the orders of that EID, and not of another with the same end', async () => {
    const [own, other] = ['8904903200500888', '8904903200500999'].map(
      (begin) => `${begin}26000334cccccccc`,
    );
    const sids: string[] = [];
    await store.transaction(async (tables) => {
      for (let count = 0; count < 3; count++) {
        await order(tables, other);
        sids.unshift((await order(tables, own)).sid);
      }
    });
    const filter = { account_sid: ACCOUNT, eid: own };
    const first = await store.esimProfilePages(filter, { kind: 'first' }, 2);
    assert.deepEqual([first.rows.map(({ sid }) => sid), first.more], [sids.slice(0, 2), true]);
    const older = { kind: 'older', than: sids[1]! } as const;
    const last = await store.esimProfilePages(filter, older, 2);
    assert.deepEqual([last.rows.map(({ sid }) => sid), last.more], [sids.slice(2), false]);
  });

  test('of many concurrent changes of a status one succeeds, and its callback is written once', async () => {
    const row = await store.transaction((tables) => order(tables));
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        [store, second][index % 2]!.transaction((tables) =>
          changeStatus(row, 'reserving', {}, { cause: 'race' }, unitAt(tables, NOW)),
        ),
      ),
    );
    const winners = tries.filter(({ status }) => status === 'fulfilled');
    assert.equal(winners.length, 1);
    for (const lost of tries) {
      if (lost.status === 'rejected') assert.ok(lost.reason instanceof Conflict);
    }
    assert.equal((await store.esimProfileEvents.list(ACCOUNT, row.sid)).length, 2);
    const callbacks = await store.callbacks.list(ACCOUNT, { subject: row.sid, limit: 9 });
    assert.equal(callbacks.length, 1);
  });

  test('a status not allowed by the life cycle is not written', async () => {
    const row = await store.transaction((tables) => order(tables));
    for (const status of ['available', 'downloaded', 'installed', 'new'] as const) {
      await assert.rejects(
        store.transaction((tables) =>
          changeStatus(row, status, {}, { cause: 'test' }, unitAt(tables, NOW)),
        ),
        { name: 'Conflict', message: `An eSIM Profile that is new cannot become ${status}` },
      );
    }
  });

  test('a page has its orders as they are stored, with any text', async () => {
    const account_sid = `AC${'6'.repeat(32)}`;
    const names = ['two\nlines', '漢字 "quoted"', '\u2028\t👋🏽'];
    const rows = await store.transaction((tables) =>
      Promise.all(names.map((name) => order(tables, null, { account_sid, friendly_name: name }))),
    );
    const [oldest, middle, newest] = rows
      .map(({ sid, resource }) => ({ sid, resource }))
      .toSorted((one, other) => (one.sid < other.sid ? -1 : 1));
    const page = (position: Position, size: number) =>
      store.esimProfilePages({ account_sid }, position, size);
    assert.deepEqual(await page({ kind: 'first' }, 2), { rows: [newest, middle], more: true });
    const older = { kind: 'older', than: newest!.sid } as const;
    assert.deepEqual(await page(older, 7), { rows: [middle, oldest], more: false });
    const newer = { kind: 'newer', than: oldest!.sid } as const;
    assert.deepEqual(await page(newer, 1), { rows: [middle], more: true });
    assert.deepEqual(await page({ kind: 'older', than: oldest!.sid }, 1), {
      rows: [],
      more: false,
    });
  });

  test('stock: the lowest ICCID first, each to one of many concurrent claims', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => subscription(index));
    await store.transaction((tables) => tables.subscriptions.insertMany(rows));
    const claimed = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        [store, second][index % 2]!.transaction(async (tables) => {
          const row = await tables.subscriptions.claimAvailable(ACCOUNT, null);
          if (row) await tables.subscriptions.transition(row, { ...row, state: 'Allocated' });
          return row?.iccid;
        }),
      ),
    );
    const given = claimed.filter((iccid) => iccid !== undefined);
    assert.equal(given.length, 20);
    assert.deepEqual(new Set(given), new Set(rows.map(({ iccid }) => iccid)));
  });

  test('stock: of the requested profile type', async () => {
    await store.transaction((tables) =>
      tables.subscriptions.insertMany([
        subscription(100, { profile_type: 'a' }),
        subscription(101, { profile_type: 'b' }),
      ]),
    );
    const claim = (type: string | null) =>
      store.transaction((tables) => tables.subscriptions.claimAvailable(ACCOUNT, type));
    assert.equal((await claim('b'))?.iccid, subscription(101).iccid);
    assert.equal((await claim(null))?.iccid, subscription(100).iccid);
    assert.equal(await claim('c'), undefined);
  });

  test('what is taken from stock is found as it is last, and written so, or not at all', async () => {
    const account_sid = `AC${'7'.repeat(32)}`;
    const { iccid } = subscription(200);
    await store.transaction((tables) =>
      tables.subscriptions.insertMany([subscription(200, { account_sid })]),
    );
    const take = (state: SubscriptionRow['state']) =>
      store.transaction(async ({ subscriptions }) => {
        const row = (await subscriptions.claimAvailable(account_sid, null))!;
        const allocated = {
          ...row,
          state: 'Allocated',
          ordered_by: 'HP',
          order_number: 1,
        } as const;
        await subscriptions.transition(row, allocated);
        assert.deepEqual(await subscriptions.find(account_sid, iccid), allocated);
        await subscriptions.transition(allocated, { ...allocated, state, matching_id: 'M' });
      });
    await assert.rejects(take('unknown' as never));
    assert.equal((await store.subscriptions.find(account_sid, iccid))?.state, 'Available');
    await take('Released');
    const found = await store.subscriptions.find(account_sid, iccid);
    assert.deepEqual(
      { ...found },
      {
        ...subscription(200, { account_sid, state: 'Released', ordered_by: 'HP', order_number: 1 }),
        matching_id: 'M',
      },
    );
  });

  test('what a transaction took from stock before it failed stays there, whatever others do beside it', async () => {
    const account_sid = `AC${'6'.repeat(32)}`;
    const rows = Array.from({ length: 8 }, (_, index) =>
      subscription(400 + index, { account_sid }),
    );
    await store.transaction((tables) => tables.subscriptions.insertMany(rows));
    const take = (ordered_by: string, fails: boolean) =>
      store.transaction(async ({ subscriptions }) => {
        const row = (await subscriptions.claimAvailable(account_sid, null))!;
        const allocated = { ...row, state: 'Allocated', ordered_by, order_number: 1 } as const;
        await subscriptions.transition(row, allocated);
        if (fails) throw new Conflict('on purpose');
      });
    const takes = rows.map((_row, index) => take(`HP${index}`, index % 2 === 0));
    const ends = await Promise.allSettled(takes);
    assert.deepEqual(
      ends.map(({ status }) => status),
      rows.map((_row, index) => (index % 2 === 0 ? 'rejected' : 'fulfilled')),
    );
    const now = await store.subscriptions.findMany(
      account_sid,
      rows.map(({ iccid }) => iccid),
    );
    assert.deepEqual(now.flatMap(({ ordered_by }) => ordered_by ?? []).toSorted(), [
      'HP1',
      'HP3',
      'HP5',
      'HP7',
    ]);
  });

  test('of many that are looked for at once, each is found in its account only', async () => {
    const [one, other] = ['8', '9'].map((digit) => `AC${digit.repeat(32)}`) as [string, string];
    const rows = [
      subscription(300, { account_sid: one }),
      subscription(301, { account_sid: other }),
      subscription(302, { account_sid: one }),
      subscription(302, { account_sid: other, imsi: '001010000000302' }),
    ];
    await store.transaction((tables) => tables.subscriptions.insertMany(rows));
    const asked = [...rows, subscription(301, { account_sid: one }), rows[0]!];
    const found = await Promise.all(
      asked.map(({ account_sid, iccid }) => store.subscriptions.find(account_sid, iccid)),
    );
    assert.deepEqual(
      found.map((row) => row && { ...row }),
      [...rows, undefined, rows[0]],
    );
  });

  test('an ICCID has one Sim, however many ask for it', async () => {
    const { iccid } = sim(50);
    const ensure = (serials: number[], of: Store) =>
      of.transaction(({ sims }) =>
        Promise.all(serials.map(async (serial) => (await sims.ensure(sim(serial, { iccid }))).sid)),
      );
    const sids = await Promise.all([ensure([50, 51], store), ensure([52], second)]);
    sids.push(await ensure([53], store));
    assert.equal(new Set(sids.flat()).size, 1);
    assert.equal((await store.sims.findByIccid(ACCOUNT, iccid))?.sid, sids[0][0]);
  });

  test('callbacks: each due one is claimed once, in order per resource, until its lock ends', async () => {
    const same = { resource_sid: `HP${'f'.repeat(32)}` };
    const noon = '2026-11-23T12:00:00.000Z';
    const lock = '2026-11-23T12:01:00.000Z';
    await store.transaction(async (tables) => {
      await tables.callbacks.insert(callback(1, same));
      await tables.callbacks.insert(callback(2, same));
      await tables.callbacks.insert(callback(3));
      await tables.callbacks.insert(callback(4, { next_attempt_at: '2026-11-23T13:00:00.000Z' }));
      await tables.callbacks.insert(callback(5, { state: 'delivered' }));
    });
    const claimDue = async ({ callbacks }: Transaction, now: string) => {
      const sids = await callbacks.claimable(ACCOUNT, callback(0).receiver, now, 10);
      return callbacks.claim(ACCOUNT, sids, now, lock);
    };
    /** Only the callbacks of this test; others in the database are due too. */
    const claim = async (node: Store, now = noon) =>
      (await node.transaction((tables) => claimDue(tables, now))).filter(({ sid }) =>
        sid.startsWith('CB000'),
      );
    const claims = await Promise.all([claim(store), claim(second)]);
    const mine = claims.flat();
    assert.deepEqual(
      new Set(mine.map(({ sid }) => sid)),
      new Set([callback(1).sid, callback(3).sid]),
    );
    assert.equal(mine.length, 2);

    const first = mine.find(({ sid }) => sid === callback(1).sid)!;
    const attempt = {
      account_sid: ACCOUNT,
      callback_sid: first.sid,
      attempt: 1,
      date_started: noon,
      duration_ms: 5,
      status_code: 200,
      error: null,
      response: '',
    };
    const delivered = { ...first, state: 'delivered' as const, attempts: 1, date_settled: noon };
    await store.transaction((tables) => tables.callbacks.settle(first, attempt, delivered));
    // Settling it after losing the claim has no effect.
    await store.transaction((tables) =>
      tables.callbacks.settle(first, { ...attempt, attempt: 2 }, { ...delivered, attempts: 2 }),
    );
    assert.equal((await store.callbacks.find(ACCOUNT, first.sid))?.attempts, 1);
    assert.equal((await store.callbacks.attempts(ACCOUNT, first.sid)).length, 1);

    const next = (await claim(second)).map(({ sid }) => sid);
    assert.deepEqual(next, [callback(2).sid]);
    const later = (await claim(store, '2100-01-01T00:00:00.000Z')).map(({ sid }) => sid);
    assert.deepEqual(new Set(later), new Set([2, 3, 4].map((serial) => callback(serial).sid)));
  });

  test('callbacks: a node that was paused before claiming still locks them for the full time', async (context) => {
    if (database.name === 'SQLite') return context.skip('one server alone uses it');
    const receiver = 'http://127.0.0.1:99';
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    await store.transaction((tables) =>
      tables.callbacks.insert(callback(900, { receiver, next_attempt_at: ago(9) })),
    );
    const [claimed] = await store.transaction((tables) =>
      tables.callbacks.claim(ACCOUNT, [callback(900).sid], ago(5), ago(4)),
    );
    const lockMs = Date.parse(claimed!.locked_until!) - Date.now();
    assert.ok(lockMs > 30_000 && lockMs <= 61_000, `${lockMs} ms`);
    assert.match(claimed!.locked_until!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('events: one written too long after its SID was made is never committed, since it would not be sent', async (context) => {
    if (database.name === 'SQLite')
      return context.skip('there the order of the SIDs is that of the commits');
    const profile = await store.transaction((tables) => order(tables));
    const [event] = await store.esimProfileEvents.list(ACCOUNT, profile.sid);
    const madeAt = (ms: number) => `EV${ms.toString(16).padStart(12, '0')}${'7'.repeat(20)}`;
    let runs = 0;
    const insert = (ageMs: number) =>
      store.transaction((tables) => {
        runs++;
        const sid = madeAt(Date.now() - ageMs);
        return tables.esimProfileEvents.insert({ ...event!, sid });
      });
    await insert(3_000);
    await assert.rejects(insert(8_000), { name: 'StoreUnavailable' });
    assert.equal(runs, 1 + 3);
    assert.equal((await store.esimProfileEvents.list(ACCOUNT, profile.sid)).length, 2);
  });

  test('Idempotency-Keys: of many concurrent inserts one succeeds, and the others keep nothing', async () => {
    const stored = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        [store, second][index % 2]!.transaction(async (tables) => {
          await tables.settings.insert(`effect ${index}`, '');
          await tables.idempotencyKeys.insert({
            account_sid: ACCOUNT,
            idempotency_key: 'key',
            fingerprint: 'f',
            response_status: 201,
            response_body: String(index),
            date_created: '2026-11-23T12:00:00.000Z',
          });
        }),
      ),
    );
    const refused = stored.filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 9);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      assert.ok(reason instanceof AlreadyExists);
    }
    const found = await second.idempotencyKeys.find(ACCOUNT, 'key');
    const winner = stored.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(found?.response_body, String(winner));
    for (let index = 0; index < 10; index++) {
      const effect = await store.settings.find(`effect ${index}`);
      assert.equal(effect, index === winner ? '' : undefined);
    }
  });

  test('text is compared byte by byte, and can contain any script', async () => {
    const name = `Größe "Ω" \\ 'x' 👍 ${'x'.repeat(100)}`;
    await store.transaction((tables) => tables.settings.insert(name, name));
    assert.equal(await second.settings.find(name), name);
    assert.equal(await second.settings.find(name.toUpperCase()), undefined);
  });
});
