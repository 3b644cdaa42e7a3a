// SGP.22 §3.1.6: which state may follow which, and that nothing of one order carries over to the next.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { unitsOf } from '../../src/unit.ts';
import type { Unit } from '../../src/unit.ts';
import { builtInSmdp } from '../../src/smdp/orders/built-in-smdp.ts';
import {
  changeState,
  countConfirmationCode,
  countDownload,
  NO_ORDER,
} from '../../src/smdp/profile-state.ts';
import type { OrderColumns } from '../../src/smdp/profile-state.ts';
import { generateTestStock } from '../../src/smdp/stock/test-stock.ts';
import { Conflict } from '../../src/store/errors.ts';
import type { ProfileState, SubscriptionRow } from '../../src/store/schema.ts';
import type { TestData } from '../data.ts';
import { openTestData } from '../data.ts';
import { onEachDatabase } from '../databases.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const OPERATOR = `OP${'1'.repeat(32)}`;
const EID = '89049032005008882600033489aaaaaa';

/** Rows: from; columns: to, in the order of `STATES`. */
const STEPS: Record<ProfileState, string> = {
  Available: '. A L . . . . . .',
  Allocated: 'v . . C R . . . U',
  Linked: 'v . . C R . . . U',
  Confirmed: 'v . . . R . . . U',
  Released: 'v . . . . D . E U',
  Downloaded: '. . . . . D I E U',
  Installed: 'v . . . . . . . U',
  Error: 'v . . . . . . . U',
  Unavailable: '. . . . . . . . .',
};
const STATES: ProfileState[] = [
  'Available',
  'Allocated',
  'Linked',
  'Confirmed',
  'Released',
  'Downloaded',
  'Installed',
  'Error',
  'Unavailable',
];

/** Each different from its value before an order. */
const USED: OrderColumns = {
  eid: EID,
  matching_id: 'MATCHING-ID',
  ordered_by: 'an order of the past',
  smds: 'smds.example.com',
  operator_sid: OPERATOR,
  date_released: '2026-11-01T00:00:00Z',
  ended_reason: 'downloadAttempts',
  known_absent: 1,
  confirmation_code: 'sealed',
  confirmation_code_attempts: 5,
  download_attempts: 10,
  euicc_otpk: 'key',
  smdp_otsk: 'seed',
};

onEachDatabase('§3.1.6 the state of a profile', (database) => {
  let data: TestData;
  let iccid: string;
  before(async () => {
    data = await openTestData(database);
    const { transact } = unitsOf(data.store, () => data.store.now());
    await transact(async (unit) => {
      const made = await generateTestStock(ACCOUNT, 1, undefined, data.masterKey, unit);
      iccid = made.first;
    });
  });
  after(() => data[Symbol.asyncDispose]());

  const read = async () => (await data.store.subscriptions.find(ACCOUNT, iccid))!;

  /** Writes a row as an order may have left it. */
  async function put(columns: Partial<SubscriptionRow>): Promise<SubscriptionRow> {
    const row = await read();
    const { transact } = unitsOf(data.store, () => data.store.now());
    await transact(({ tables }) => tables.subscriptions.transition(row, { ...row, ...columns }));
    return read();
  }

  function orderColumnsOf(row: SubscriptionRow): Record<string, unknown> {
    const names = Object.keys(NO_ORDER) as (keyof OrderColumns)[];
    return Object.fromEntries(names.map((name) => [name, row[name]]));
  }

  /** Runs `work` as an operator of the account, or as the account itself. */
  function atSmdp<T>(
    work: (smdp: ReturnType<typeof builtInSmdp>) => Promise<T>,
    caller: { operatorSid?: string } = {},
  ): Promise<T> {
    const { masterKey, store } = data;
    const smdp = { accountSid: ACCOUNT, ...caller, smdpAddress: 'localhost', masterKey };
    return unitsOf(store, () => store.now()).transact((unit) =>
      work(builtInSmdp({ ...smdp, unit })),
    );
  }

  test('is followed only by those of the table', async () => {
    const { transact } = unitsOf(data.store, () => data.store.now());
    for (const from of STATES) {
      const row = await put({ state: from });
      const letters = STEPS[from].split(' ');
      for (const [index, to] of STATES.entries()) {
        const step = transact(async (unit) => {
          await changeState(row, to, {}, unit);
          throw new Error('taken');
        });
        const expected = letters[index] === '.' ? Conflict : /^Error: taken$/;
        await assert.rejects(step, expected, `${from} → ${to}`);
      }
    }
  });

  test('does not change if the profile is no longer in the state that was read', async () => {
    const row = await put({ state: 'Released' });
    await put({ state: 'Error' });
    const { transact } = unitsOf(data.store, () => data.store.now());
    await assert.rejects(
      transact((unit) => changeState(row, 'Downloaded', {}, unit)),
      Conflict,
    );
    assert.equal((await read()).state, 'Error');
  });

  test('§5.3.3 does not change if the profile is under another order by now, in the same state', async () => {
    const row = await put({ ...USED, state: 'Released', ended_reason: null });
    const again = await put({ ordered_by: 'another order', eid: null, matching_id: 'OTHER' });
    const { transact } = unitsOf(data.store, () => data.store.now());
    for (const change of [
      (unit: Unit) => changeState(row, 'Downloaded', { eid: EID }, unit).then(() => {}),
      (unit: Unit) =>
        changeState(row, 'Error', { ended_reason: 'cancelSession' }, unit).then(() => {}),
      (unit: Unit) => countDownload(row, 11, unit),
      (unit: Unit) => countConfirmationCode(row, unit).then(() => {}),
    ]) {
      await assert.rejects(transact(change), Conflict);
    }
    assert.deepEqual(await read(), again);
  });

  test('every column belongs to the subscription, or is reset with each order', async () => {
    const own = [
      'account_sid',
      'iccid',
      'imsi',
      'msisdn',
      'profile_type',
      'state',
      'secrets',
      'held_since',
    ];
    const counted = ['order_number', 'requests', 'date_created', 'date_updated'];
    const expected = [...own, ...counted, ...Object.keys(NO_ORDER)];
    assert.deepEqual(Object.keys(await read()).toSorted(), expected.toSorted());
  });

  /** By the operator whose order it is, in a call of its own. */
  const cancel = (finalProfileStatusIndicator: 'Available' | 'Unavailable') => {
    const header = { functionRequesterIdentifier: 'x', functionCallIdentifier: randomUUID() };
    return atSmdp(
      (smdp) => smdp.cancelOrder({ header, iccid, eid: EID, finalProfileStatusIndicator }),
      { operatorSid: OPERATOR },
    );
  };

  for (const final of ['Available', 'Unavailable'] as const) {
    test(`§5.3.3 CancelOrder: nothing of the order remains when the profile becomes ${final}`, async () => {
      await put({ ...USED, state: 'Error' });
      await cancel(final);
      const row = await read();
      assert.equal(row.state, final);
      assert.deepEqual(orderColumnsOf(row), NO_ORDER);
    });
  }

  test('§5.3.3 CancelOrder: nor what was counted since the profile was read', async () => {
    const counted = { download_attempts: 0, confirmation_code_attempts: 0 };
    const seen = await put({ ...USED, ...counted, state: 'Released' });
    const { transact } = unitsOf(data.store, () => data.store.now());
    await transact((unit) => countDownload(seen, 10, unit));
    await transact((unit) => countConfirmationCode(seen, unit));
    await transact((unit) => changeState(seen, 'Available', {}, unit));
    assert.deepEqual(orderColumnsOf(await read()), NO_ORDER);
  });

  for (const state of ['Downloaded', 'Error'] as const) {
    test(`§5.3.3 CancelOrder: ${state}, its package has left: never Available; Unavailable, it keeps its order, for late reports`, async () => {
      const ended = { ended_reason: state === 'Error' ? 'cancelSession' : null } as const;
      const sent = await put({ ...USED, ...ended, state, known_absent: 0 });
      await assert.rejects(cancel('Available'), { subjectCode: '8.2.1', reasonCode: '3.3' });
      assert.deepEqual(await read(), sent);
      await cancel('Unavailable');
      const { date_updated, requests: _requests, ...row } = await read();
      assert.ok(date_updated >= sent.date_updated);
      const kept = { ended_reason: null, euicc_otpk: null, smdp_otsk: null };
      const { date_updated: _date, requests: _before, ...rest } = sent;
      assert.deepEqual(row, { ...rest, ...kept, state: 'Unavailable' });
    });
  }

  test('§5.3.3 CancelOrder: Installed → 8.2.1 / 3.3, unless its eUICC has deleted it', async () => {
    await put({ ...USED, ended_reason: null, state: 'Installed', known_absent: 0 });
    for (const final of ['Available', 'Unavailable'] as const) {
      await assert.rejects(cancel(final), { subjectCode: '8.2.1', reasonCode: '3.3' });
    }
    await put({ known_absent: 1 });
    await cancel('Available');
    assert.deepEqual(orderColumnsOf(await read()), NO_ORDER);
  });

  test('§5.3.1 DownloadOrder: an order starts afresh, whatever an older version has left in stock', async () => {
    await put({ ...USED, state: 'Available' });
    const header = { functionRequesterIdentifier: ACCOUNT, functionCallIdentifier: 'order' };
    const ordered = await atSmdp((smdp) => smdp.downloadOrder({ header, eid: EID }));
    assert.equal(ordered.iccid, iccid);
    const row = await read();
    assert.equal(row.state, 'Linked');
    assert.deepEqual(orderColumnsOf(row), { ...NO_ORDER, eid: EID, ordered_by: 'order' });
  });

  test('§5.3.1 DownloadOrder counts the orders of a profile: no two have the same number', async () => {
    const unused = await put({ ...NO_ORDER, state: 'Available' });
    for (const number of [1, 2]) {
      const header = { functionRequesterIdentifier: ACCOUNT, functionCallIdentifier: 'order' };
      await atSmdp((smdp) => smdp.downloadOrder({ header, eid: EID, iccid }), {
        operatorSid: OPERATOR,
      });
      assert.equal((await read()).order_number, unused.order_number + number);
      await cancel('Available');
    }
  });

  test('§5.3.2 ConfirmOrder: a MatchingID of another order → 8.2.6 / 3.3, also of one that has ended', async () => {
    const header = { functionRequesterIdentifier: ACCOUNT, functionCallIdentifier: 'order' };
    const { transact } = unitsOf(data.store, () => data.store.now());
    const other = await transact((unit) =>
      generateTestStock(ACCOUNT, 1, undefined, data.masterKey, unit),
    );
    await transact(async ({ tables }) => {
      const row = (await tables.subscriptions.find(ACCOUNT, other.first))!;
      const taken = { ...row, state: 'Installed' as const, matching_id: 'TAKEN-BY-ANOTHER' };
      await tables.subscriptions.transition(row, taken);
    });
    await put({ ...NO_ORDER, state: 'Available' });
    await atSmdp((smdp) => smdp.downloadOrder({ header, iccid }));
    const confirm = (matchingId: string) =>
      atSmdp((smdp) => smdp.confirmOrder({ header, iccid, matchingId, releaseFlag: true }));
    const conflict = { subjectCode: '8.2.6', reasonCode: '3.3' };
    await assert.rejects(confirm('TAKEN-BY-ANOTHER'), conflict);
    assert.equal((await confirm('OF-ITS-OWN')).matchingId, 'OF-ITS-OWN');
  });

  test('§5.3.2 ConfirmOrder: of orders that choose the same MatchingID at once, one gets it, the others 8.2.6 / 3.3', async () => {
    const { transact } = unitsOf(data.store, () => data.store.now());
    const iccids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const made = await transact((unit) =>
        generateTestStock(ACCOUNT, 1, undefined, data.masterKey, unit),
      );
      iccids.push(made.first);
    }
    const of = (one: string) => ({
      header: { functionRequesterIdentifier: ACCOUNT, functionCallIdentifier: one },
      iccid: one,
    });
    await Promise.all(iccids.map((one) => atSmdp((smdp) => smdp.downloadOrder(of(one)))));
    const chosen = { matchingId: 'CHOSEN-AT-ONCE', releaseFlag: true };
    const outcomes = await Promise.allSettled(
      iccids.map((one) => atSmdp((smdp) => smdp.confirmOrder({ ...of(one), ...chosen }))),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.deepEqual(
      refused.map(({ reason }) => [reason.subjectCode, reason.reasonCode]),
      Array.from({ length: 3 }, () => ['8.2.6', '3.3']),
    );
  });
});
