// Batches turn by turn, as the job carries them out: what each turn leaves behind is what a process that dies leaves behind.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import type { Context } from '../../../src/context.ts';
import { createAccount } from '../../../src/operator/account/account.ts';
import {
  cancelBatch,
  createBatch,
  PART_SIZE,
  RUNNING_LIMIT,
} from '../../../src/operator/batch/batch.ts';
import type { NewBatch, NewItem } from '../../../src/operator/batch/batch.ts';
import { walkItems } from '../../../src/operator/batch/batch-items.ts';
import { itemsPerTurn, runBatches } from '../../../src/operator/batch/run-batches.ts';
import { checkOrder } from '../../../src/operator/placeOrder.ts';
import type { Order } from '../../../src/operator/placeOrder.ts';
import { builtInSmdp } from '../../../src/smdp/orders/built-in-smdp.ts';
import { generateTestStock } from '../../../src/smdp/stock/test-stock.ts';
import type { BatchRow } from '../../../src/store/schema.ts';
import type { TestData } from '../../data.ts';
import { openTestData } from '../../data.ts';
import { onEachDatabase } from '../../databases.ts';
import { violated } from '../../verify/violated.ts';

type BatchContext = Pick<Context, 'store' | 'transact' | 'config' | 'log' | 'masterKey' | 'smdp'>;

const EID = '89049032005008882600033489aaaaaa';
const DIES = new Error('the process dies here');

onEachDatabase('a batch', (database) => {
  let data: TestData;
  let context: BatchContext;
  let turn: number;
  /** Of each test, so that the stock is its own. */
  let accountSid: string;

  before(async () => {
    data = await openTestData(database);
    const { store, transact, config, masterKey } = data;
    turn = itemsPerTurn(store);
    context = {
      store,
      transact,
      config,
      masterKey,
      log: pino({ level: 'silent' }),
      smdp: (account, unit) =>
        builtInSmdp({ accountSid: account, smdpAddress: 'smdp.example', masterKey, unit }),
    };
  });
  after(() => data[Symbol.asyncDispose]());
  beforeEach(async () => {
    const created = await data.transact((unit) =>
      createAccount({ friendlyName: 'Batches' }, data.masterKey, unit),
    );
    accountSid = created!.account.sid;
  });

  const stock = (count: number, profileType?: string) =>
    data.transact((unit) =>
      generateTestStock(accountSid, count, profileType, data.masterKey, unit),
    );
  const order = (given: Partial<Order> = {}) =>
    checkOrder(
      { accountSid, generateMatchingId: true, cause: { cause: 'test' }, ...given },
      { eidCheckDigits: true, now: data.store.now() },
    );
  const create = (items: NewBatch['items'], given: Partial<NewBatch> = {}) =>
    data.transact((unit) =>
      createBatch(
        { accountSid, items, allOrNothing: false, placedBy: 'by a test', ...given },
        data.masterKey,
        unit,
      ),
    );
  const alike = (count: number, given: Partial<NewBatch> = {}) =>
    create({ order: order(), count }, given);
  const find = async (batch: BatchRow) => (await data.store.batches.find(batch))!;
  const runAll = async () => {
    while (await runBatches(context));
  };
  const counts = async (batch: BatchRow) => {
    const { status, step, ordered, refused, reserved } = await find(batch);
    return { status, step, ordered, refused, reserved };
  };
  const inStock = () => data.store.stock.upTo(accountSid, null, 1_000);
  async function itemsOf(batch: BatchRow) {
    const items = await Array.fromAsync(walkItems(await find(batch), {}, data));
    return items.flat();
  }
  const profilesOf = async (batch: BatchRow) =>
    (await itemsOf(batch)).map(({ profile }) => profile && JSON.parse(profile));

  test('is carried out in parts, each of which is all or nothing, and says how far it has got', async () => {
    await stock(2 * PART_SIZE + 5);
    const batch = await alike(2 * PART_SIZE + 3);
    assert.equal(await runBatches(context), true);
    assert.deepEqual(await counts(batch), {
      status: 'running',
      step: 'order',
      ordered: turn,
      refused: 0,
      reserved: 0,
    });
    assert.equal(
      (await itemsOf(batch)).filter(({ state }) => state === 'pending').length,
      2 * PART_SIZE + 3 - turn,
    );
    await runAll();
    assert.deepEqual(await counts(batch), {
      status: 'completed',
      step: null,
      ordered: 2 * PART_SIZE + 3,
      refused: 0,
      reserved: 0,
    });
    const profiles = await profilesOf(batch);
    assert.ok(
      profiles.every(({ status, batch_sid }) => status === 'available' && batch_sid === batch.sid),
    );
    for (const name of ['sid', 'iccid', 'sim_sid', 'matching_id']) {
      assert.equal(new Set(profiles.map((profile) => profile[name])).size, profiles.length, name);
    }
    assert.deepEqual(
      profiles.map(({ sid }): string => sid),
      profiles.map(({ sid }): string => sid).toSorted(),
      'ordered as they were asked for',
    );
    assert.equal((await find(batch)).same_order, null, 'no secret outlives its use');
  });

  test('of whose items two want the same ICCID or MatchingID goes on: the first gets it, and the others are refused', async () => {
    await stock(6);
    const [free] = await data.store.subscriptions.list(accountSid, { limit: 1 });
    const wanted = order({ iccid: free!.iccid });
    const chosen = order({ matchingId: `CHOSEN-${accountSid.slice(-8).toUpperCase()}` });
    const batch = await create([wanted, chosen, wanted, chosen].map((each) => ({ order: each })));
    await runAll();
    const profiles = await profilesOf(batch);
    assert.deepEqual(
      profiles.map(({ status, error_code }) => error_code ?? status),
      ['available', 'available', '8.2.1/3.3', '8.2.6/3.3'],
    );
    assert.equal(await inStock(), 4);
  });

  test('whose items differ orders each as it is, with its code; one with an error keeps the error', async () => {
    await stock(4, 'fleet');
    const items: NewItem[] = [
      { order: order({ eid: EID, generateMatchingId: false }) },
      { problem: 'expected something else' },
      { order: order({ profileType: 'fleet', confirmationCode: '2580' }) },
      { order: order({ profileType: 'none', expiresAt: new Date('2100-01-01T00:00:00Z') }) },
    ];
    const batch = await create(items);
    await runAll();
    const [byEid, refused, coded, none] = await itemsOf(batch);
    assert.deepEqual(
      [refused?.state, refused?.error, refused?.profile],
      ['refused', 'expected something else', null],
    );
    const [first, , third, fourth] = await profilesOf(batch);
    assert.deepEqual([byEid?.state, first.eid, first.activation_code], ['ordered', EID, null]);
    assert.match(third.activation_code, /\$1$/, 'a confirmation code is required');
    assert.deepEqual([coded?.item, none?.item], [3, 4]);
    assert.deepEqual(
      [fourth.status, fourth.error_code, fourth.expires_at],
      ['failed', '83500', '2100-01-01T00:00:00Z'],
    );
    assert.deepEqual(await counts(batch), {
      status: 'completed',
      step: null,
      ordered: 3,
      refused: 1,
      reserved: 0,
    });
    const [part] = await data.store.batches.listParts(batch, 0, 1);
    assert.equal(part?.orders, null, 'no secret outlives its use');
  });

  test('all or nothing takes stock for every item before it orders the first', async () => {
    await stock(PART_SIZE + 5);
    const batch = await alike(PART_SIZE + 2, { allOrNothing: true });
    await runBatches(context);
    const { step, reserved, ordered } = await counts(batch);
    assert.deepEqual([step, reserved, ordered], ['reserve', turn, 0]);
    while ((await counts(batch)).step === 'reserve') await runBatches(context);
    assert.deepEqual(await counts(batch), {
      status: 'running',
      step: 'order',
      ordered: 0,
      refused: 0,
      reserved: PART_SIZE + 2,
    });
    assert.equal(await inStock(), 3, 'nobody else gets it');
    await runAll();
    assert.deepEqual(await counts(batch), {
      status: 'completed',
      step: null,
      ordered: PART_SIZE + 2,
      refused: 0,
      reserved: 0,
    });
    assert.equal(await inStock(), 3);
    const profiles = await profilesOf(batch);
    assert.equal(new Set(profiles.map(({ iccid }) => iccid)).size, PART_SIZE + 2);
  });

  test('all or nothing, without enough stock, orders nothing and gives everything back', async () => {
    await stock(PART_SIZE + 1);
    const batch = await alike(PART_SIZE + 2, { allOrNothing: true });
    await runAll();
    assert.deepEqual(await counts(batch), {
      status: 'failed',
      step: null,
      ordered: 0,
      refused: 0,
      reserved: 0,
    });
    const { error_code: code, error_message: message } = await find(batch);
    assert.deepEqual(
      [code, message],
      [
        '83500',
        `expected stock for ${PART_SIZE + 2} items; got ${PART_SIZE + 1}, and for item ${PART_SIZE + 2}: No profile is left in stock`,
      ],
    );
    assert.equal(await inStock(), PART_SIZE + 1);
    assert.ok((await itemsOf(batch)).every(({ state }) => state === 'not-ordered'));
  });

  test('of two that want all or nothing of one stock, the first gets it', async () => {
    await stock(PART_SIZE + 5);
    const batches = [
      await alike(PART_SIZE + 1, { allOrNothing: true }),
      await alike(PART_SIZE + 1, { allOrNothing: true }),
    ];
    await runAll();
    const ends = await Promise.all(batches.map(counts));
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['completed', 'failed'],
    );
    assert.equal(await inStock(), 4);
  });

  test('that is cancelled orders nothing more: what is ordered stays, what is reserved returns', async () => {
    await stock(3 * PART_SIZE);
    const batch = await alike(2 * PART_SIZE, { allOrNothing: true });
    while ((await counts(batch)).ordered === 0) await runBatches(context);
    const cancelled = await data.transact((unit) => cancelBatch(batch, unit));
    assert.deepEqual([cancelled?.status, cancelled?.reserved], ['cancelled', 2 * PART_SIZE - turn]);
    await runAll();
    assert.deepEqual(await counts(batch), {
      status: 'cancelled',
      step: null,
      ordered: turn,
      refused: 0,
      reserved: 0,
    });
    assert.equal(await inStock(), 3 * PART_SIZE - turn);
    const states = (await itemsOf(batch)).map(({ state }) => state);
    assert.deepEqual(
      [states[0], states.at(-1), new Set(states).size],
      ['ordered', 'not-ordered', 2],
    );
    await assert.rejects(
      data.transact((unit) => cancelBatch(batch, unit)),
      {
        name: 'BatchHasEnded',
        message: `${batch.sid} is cancelled; a batch can be cancelled while it is running`,
      },
    );
  });

  test('is carried out once by nodes that work side by side', async () => {
    await stock(5 * PART_SIZE);
    const batch = await alike(4 * PART_SIZE, { allOrNothing: true });
    await using other = await data.open();
    const second: BatchContext = { ...context, store: other.store, transact: other.transact };
    while ((await counts(batch)).step !== null) {
      await Promise.all([runBatches(context), runBatches(second), runBatches(second)]);
    }
    assert.equal((await counts(batch)).ordered, 4 * PART_SIZE);
    assert.equal(await inStock(), PART_SIZE);
    const found = await data.store.esimProfilePages(
      { account_sid: accountSid, batch_sid: batch.sid },
      { kind: 'first' },
      1_000,
    );
    assert.equal(found.rows.length, 4 * PART_SIZE);
  });

  for (const step of ['reserve', 'order', 'return'] as const) {
    test(`whose process dies in the step ${step} goes on as if nothing had happened`, async () => {
      await stock(2 * PART_SIZE);
      const batch = await alike(PART_SIZE + 1, { allOrNothing: true });
      while ((await counts(batch)).step !== (step === 'return' ? 'order' : step))
        await runBatches(context);
      if (step === 'return') await data.transact((unit) => cancelBatch(batch, unit));
      const kept = await find(batch);
      const stocked = await inStock();
      const dying: BatchContext = {
        ...context,
        transact: (work) =>
          data.transact(async (unit) => {
            await work(unit);
            throw DIES;
          }),
        store: { ...data.store, isUnavailable: (error) => error === DIES },
      };
      await assert.rejects(runBatches(dying), DIES);
      assert.deepEqual(await find(batch), kept);
      assert.equal(await inStock(), stocked);
      await runAll();
      assert.equal((await find(batch)).status, step === 'return' ? 'cancelled' : 'completed');
      assert.equal(await inStock(), step === 'return' ? 2 * PART_SIZE : PART_SIZE - 1);
    });
  }

  test('an item that the server fails on is refused, and holds up neither the others nor other batches', async () => {
    await stock(10);
    const items = [EID, 'f'.repeat(32), EID].map((eid) => ({ order: order({ eid }) }));
    const broken = await create(items);
    const other = await alike(2);
    const failing: BatchContext = {
      ...context,
      smdp: (...call) => {
        const smdp = context.smdp(...call);
        return {
          ...smdp,
          downloadOrder: async (request) => {
            if (request.eid === 'f'.repeat(32)) throw new TypeError('a fault of ours');
            return smdp.downloadOrder(request);
          },
        };
      },
    };
    while (await runBatches(failing));
    assert.deepEqual(
      (await itemsOf(broken)).map(({ state, error }) => [state, error]),
      [
        ['ordered', null],
        ['refused', 'The order failed in the server, which has logged why'],
        ['ordered', null],
      ],
    );
    assert.equal((await counts(broken)).status, 'completed');
    assert.equal((await counts(other)).ordered, 2);
    assert.equal(await inStock(), 6);
  });

  test('is refused if too many of the account have not ended', async () => {
    for (let count = 0; count < RUNNING_LIMIT; count++) await alike(1);
    await assert.rejects(alike(1), {
      name: 'TooManyBatches',
      message: '20 batches of the account have not ended yet; at most 20 may run',
    });
    await runAll();
    await alike(1);
  });

  test('contradicts no invariant, in the middle and at the end', async () => {
    await stock(2 * PART_SIZE);
    const callback = { url: 'http://127.0.0.1:9/batch', method: 'POST' as const };
    const batch = await alike(PART_SIZE + 5, { allOrNothing: true, callback });
    await create([{ problem: 'expected something else' }, { order: order() }], { callback });
    while ((await counts(batch)).ordered === 0) await runBatches(context);
    assert.deepEqual(await violated(data.config.database, data.masterKey), []);
    await runAll();
    assert.deepEqual(await violated(data.config.database, data.masterKey), []);
  });
});
