// What a rented SM-DP+ and the network do wrong, and what becomes of orders then. Nothing is ordered twice, and no profile is
// left ordered that no order knows.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { CANCELLED, cancelOrder } from '../../../src/operator/cancel-order.ts';
import { cancelBatch, createBatch } from '../../../src/operator/batch/batch.ts';
import { runBatches } from '../../../src/operator/batch/run-batches.ts';
import { reissueMatchingId } from '../../../src/operator/reissue-matching-id.ts';
import { checkOrder } from '../../../src/operator/placeOrder.ts';
import { ChangeUnderWay, SmdpUnavailable } from '../../../src/operator/rented/rented-errors.ts';
import { FunctionExecutionError } from '../../../src/rsp/function-execution-error.ts';
import type { BatchRow, EsimProfileRow } from '../../../src/store/schema.ts';
import { twoSides } from './two-sides.ts';
import type { Fault, TwoSides } from './two-sides.ts';

const how = { cause: 'changed by a test' };
const nowhere = async () => undefined;
const sides = await twoSides({ name: 'SQLite', fresh: nowhere, own: nowhere });
after(() => sides[Symbol.asyncDispose]());

beforeEach(async () => {
  await sides.begin();
});

/** Each call of a function has this fault, so many times. */
function failing(name: string, fault: Fault, times = 1): void {
  let left = times;
  sides.fault = (called) => {
    if (called !== name || left === 0) return undefined;
    left--;
    return fault;
  };
}

const ordered = async () => (await sides.ordered()).map(({ iccid, state }) => [iccid, state]);
const tasks = () => sides.data.store.es2plusTasks.countUpTo(10);
/** As time goes by, whoever waits is due. */
async function later(): Promise<void> {
  sides.restart();
  await sides.leasesEnd();
  await sides.reserveAll();
}
async function placed(given?: Parameters<TwoSides['order']>[0]): Promise<EsimProfileRow> {
  const { sid } = await sides.order(given);
  await sides.reserveAll();
  return sides.find(sid);
}
const reissue = (row: EsimProfileRow, matchingId?: string) =>
  sides.context.transact(async (unit) => {
    const read = await unit.tables.esimProfiles.find(row.account_sid, row.sid);
    const wanted = { matchingId, confirmationCode: undefined };
    return reissueMatchingId(read!, wanted, how, sides.context, unit);
  });
const cancel = (row: EsimProfileRow) =>
  sides.context.transact(async (unit) => {
    const read = await unit.tables.esimProfiles.find(row.account_sid, row.sid);
    return cancelOrder(read!, 'Available', CANCELLED, how, sides.context, unit);
  });

const busy = new FunctionExecutionError('1.2', '4.4', 'busy');

for (const name of ['downloadOrder', 'confirmOrder']) {
  for (const fault of ['down', 'answer lost', 'request lost', busy] as const) {
    const what = fault === busy ? 'refused as busy (4.4)' : String(fault);
    test(`an order waits for a ${name} that is ${what}, says so, and is repeated under the same identifier`, async () => {
      await sides.stock(2);
      failing(name, fault);
      const waiting = await placed();
      assert.equal(waiting.status, 'reserving');
      const causes = await sides.causes(waiting.sid);
      assert.deepEqual(causes, ['test', 'reservation begun', 'waiting for the SM-DP+']);
      await later();
      const row = await sides.find(waiting.sid);
      assert.equal(row.status, 'available');
      assert.deepEqual(await ordered(), [[row.iccid, 'Released']]);
      const identifiers = sides.arrived.filter(([called]) => called === name).map(([, one]) => one);
      assert.equal(new Set(identifiers).size, 1);
      assert.equal(identifiers.length, fault === 'answer lost' || fault === busy ? 2 : 1);
      assert.equal(await tasks(), 0);
    });
  }
}

test('orders that come while the SM-DP+ does not answer wait without each trying it', async () => {
  await sides.stock(5);
  let calls = 0;
  sides.fault = () => {
    calls++;
    return 'down';
  };
  await placed();
  const others = [await placed(), await placed(), await placed()];
  assert.equal(calls, 1);
  for (const { sid, status } of others) {
    assert.equal(status, 'reserving');
    assert.deepEqual((await sides.causes(sid)).at(-1), 'waiting for the SM-DP+');
  }
  sides.fault = () => undefined;
  await later();
  assert.equal((await ordered()).length, 4);
});

test('§5.3.1: no stock is 83500; any other refusal is the error of the order; what it had ordered returns', async () => {
  const none = await placed();
  assert.deepEqual([none.status, none.error_code], ['failed', '83500']);
  await sides.stock(1);
  failing('confirmOrder', new FunctionExecutionError('8.2.6', '3.3', 'in use'));
  const refused = await placed();
  assert.deepEqual(
    [refused.status, refused.error_code, refused.error_message],
    ['failed', '8.2.6/3.3', 'in use'],
  );
  assert.deepEqual(await ordered(), []);
  assert.equal(await tasks(), 0);
});

test('an order of one ICCID gets that one, or fails with the code of the SM-DP+', async () => {
  await sides.stock(3);
  const { iccid } = await placed();
  const again = await placed({ iccid: iccid! });
  assert.deepEqual([again.status, again.error_code], ['failed', '8.2.1/3.3']);
  await cancel((await sides.data.store.esimProfiles.findByIccid(sides.accountSid, iccid!))!);
  const third = await placed({ iccid: iccid! });
  assert.deepEqual([third.status, third.iccid], ['available', iccid]);
});

test('an answer with the ICCID of another order fails the new one, and leaves the other as it was', async () => {
  await sides.stock(2);
  const first = await placed();
  sides.lie = (name) => (name === 'downloadOrder' ? { iccid: first.iccid! } : undefined);
  const second = await placed();
  assert.deepEqual([second.status, second.error_code, second.iccid], ['failed', '8.2.1/3.3', null]);
  assert.deepEqual(await sides.find(first.sid), first);
  const profile = (await sides.ordered()).find(({ iccid }) => iccid === first.iccid);
  assert.deepEqual([profile?.state, profile?.matchingId], ['Released', first.matching_id]);
});

test('§5.3.1: a DownloadOrder of one ICCID that succeeds again, as a repetition, gives a second order nothing', async () => {
  await sides.stock(1);
  sides.isOperator = true;
  const [iccid] = await sides.inStock();
  const first = await placed({ iccid: iccid! });
  const second = await placed({ iccid: iccid! });
  assert.deepEqual(
    [first.status, second.status, second.error_code],
    ['available', 'failed', '8.2.1/3.3'],
  );
  const [profile] = await sides.ordered();
  assert.deepEqual([profile?.state, profile?.matchingId], ['Released', first.matching_id]);
});

test('of two orders of one ICCID that are placed together, the first gets it, and the second takes nothing from it', async () => {
  await sides.stock(1);
  sides.isOperator = true;
  const [iccid] = await sides.inStock();
  const first = await sides.order({ iccid: iccid! });
  const second = await sides.order({ iccid: iccid!, confirmationCode: '1234' });
  await sides.reserveAll();
  const rows = await Promise.all([sides.find(first.sid), sides.find(second.sid)]);
  assert.deepEqual(
    rows.map(({ status, error_code: code }) => [status, code]),
    [
      ['available', null],
      ['failed', '8.2.1/3.3'],
    ],
  );
  assert.deepEqual(await ordered(), [[iccid, 'Released']]);
  assert.equal(sides.arrived.length, 2);
});

for (const [what, name, lie, code] of [
  [
    'another ICCID than was asked for',
    'downloadOrder',
    { iccid: '8999901000000999996' },
    '8.2.1/2.1',
  ],
  [
    'a matching ID that no activation code can have',
    'confirmOrder',
    { matchingId: 'A$B\n' },
    '8.2.6/2.1',
  ],
  ['no matching ID', 'confirmOrder', { matchingId: '' }, '8.2.6/2.1'],
  ['an address that is no host name', 'confirmOrder', { smdpAddress: 'a b$c' }, '8.8.1/2.1'],
] as const) {
  test(`an answer with ${what} fails the order; a profile that was ordered returns`, async () => {
    await sides.stock(1);
    const [iccid = ''] = await sides.inStock();
    sides.lie = (called, answer) =>
      called === name ? { ...(answer as object), ...lie } : undefined;
    const row = await placed({ iccid });
    assert.deepEqual([row.status, row.error_code], ['failed', code]);
    if (name === 'confirmOrder') assert.deepEqual(await ordered(), []);
    assert.equal(await tasks(), 0);
  });
}

test('the filler of an ICCID that is answered is not kept', async () => {
  await sides.stock(1);
  const [iccid] = await sides.inStock();
  sides.lie = (name, answer) =>
    name === 'downloadOrder' ? { iccid: `${(answer as { iccid: string }).iccid}f` } : undefined;
  const row = await placed();
  assert.deepEqual([row.status, row.iccid], ['available', iccid]);
});

test('out of patience, an order fails; what became of it at the SM-DP+ is found out later, and undone', async () => {
  await sides.stock(1);
  failing('downloadOrder', 'answer lost');
  const waiting = await placed();
  assert.equal((await ordered()).length, 1);
  sides.context.config = { ...sides.context.config, smdpPatienceDays: 0 };
  await sides.reserveAll();
  const failed = await sides.find(waiting.sid);
  assert.deepEqual([failed.status, failed.error_code], ['failed', '83592']);
  await later();
  assert.deepEqual([await ordered(), await tasks()], [[], 0]);
});

for (const name of ['downloadOrder', 'confirmOrder']) {
  test(`an order that its owner cancels while its ${name} is in doubt has failed at once, and leaves nothing ordered`, async () => {
    await sides.stock(1);
    failing(name, 'answer lost');
    const waiting = await placed();
    const cancelled = await cancel(waiting);
    assert.deepEqual([cancelled.status, cancelled.error_code], ['failed', '83590']);
    await later();
    assert.deepEqual([await ordered(), await tasks()], [[], 0]);
  });

  test(`an order that its owner cancels just before its ${name} is answered leaves nothing ordered`, async () => {
    await sides.stock(1);
    const { sid } = await sides.order();
    sides.fault = async (called) => {
      if (called === name) await cancel(await sides.find(sid));
      return undefined;
    };
    await sides.reserveAll();
    await sides.reserveAll();
    const cancelled = await sides.find(sid);
    assert.deepEqual([cancelled.status, cancelled.error_code], ['failed', '83590']);
    assert.deepEqual([await ordered(), await tasks()], [[], 0]);
  });
}

test('a change that never reached the SM-DP+ is dropped, and nothing is changed', async () => {
  await sides.stock(1);
  const row = await placed();
  sides.fault = () => 'down';
  await assert.rejects(reissue(row), (error) => error instanceof SmdpUnavailable && !error.goesOn);
  assert.equal(await tasks(), 0);
  assert.deepEqual(await sides.find(row.sid), row);
});

test('a change in doubt goes on by itself; meanwhile another is refused', async () => {
  await sides.stock(1);
  const row = await placed();
  failing('confirmOrder', 'answer lost');
  await assert.rejects(reissue(row), (error) => error instanceof SmdpUnavailable && error.goesOn);
  await assert.rejects(cancel(row), ChangeUnderWay);
  await later();
  const changed = await sides.find(row.sid);
  assert.notEqual(changed.matching_id, row.matching_id);
  const [profile] = await sides.ordered();
  assert.deepEqual([profile?.matchingId, profile?.state], [changed.matching_id, 'Released']);
  assert.equal(await tasks(), 0);
});

test('refused in the middle, a change ends its order with the code, and what it had ordered returns', async () => {
  await sides.stock(1);
  const row = await placed();
  failing('confirmOrder', new FunctionExecutionError('8.2.6', '3.3', 'in use'));
  await assert.rejects(reissue(row), { name: 'SmdpRefused', hasEnded: true });
  const ended = await sides.find(row.sid);
  assert.deepEqual([ended.status, ended.error_code], ['failed', '8.2.6/3.3']);
  await later();
  assert.deepEqual([await ordered(), await tasks()], [[], 0]);
});

test('refused at first, a change changes nothing', async () => {
  await sides.stock(1);
  const row = await placed();
  failing('cancelOrder', new FunctionExecutionError('8.2.6', '3.10', 'another'));
  await assert.rejects(cancel(row), { name: 'SmdpRefused', hasEnded: false });
  assert.deepEqual([await sides.find(row.sid), await tasks()], [row, 0]);
});

async function batch(count: number, allOrNothing: boolean): Promise<BatchRow> {
  const { data, accountSid } = sides;
  const wanted = { accountSid, generateMatchingId: true, cause: { cause: 'test' } };
  const order = checkOrder(wanted, { eidCheckDigits: false, now: data.store.now() });
  return data.transact((unit) =>
    createBatch(
      { accountSid, items: { order, count }, allOrNothing, placedBy: 'a test' },
      data.masterKey,
      unit,
    ),
  );
}
async function runAll(): Promise<void> {
  // One that waits for orders goes on when they are reserved.
  for (let idle = 0; idle < 2; idle++) {
    if (await runBatches(sides.context)) idle = -1;
    await sides.reserveAll();
  }
}
const statusOf = async (row: BatchRow) => (await sides.data.store.batches.find(row))!.status;

test('a batch places its orders, and the next part only when few of them wait', async () => {
  await sides.stock(75);
  const row = await batch(75, false);
  while (await runBatches(sides.context));
  assert.equal(await sides.data.store.esimProfiles.countToReserve(1_000), 60);
  await runAll();
  assert.equal(await statusOf(row), 'completed');
  assert.equal(new Set((await ordered()).map(([iccid]) => iccid)).size, 75);
});

test('all or nothing: stock is held for each item, also when answers are lost, and each order gets what is held', async () => {
  await sides.stock(12);
  // The first turn of a process takes up what others have left.
  await sides.reserveAll();
  const row = await batch(12, true);
  failing('downloadOrder', 'answer lost', 2);
  await runAll();
  assert.equal(await statusOf(row), 'running');
  sides.restart();
  await sides.leasesEnd();
  await runAll();
  assert.equal(await statusOf(row), 'completed');
  assert.equal((await ordered()).filter(([, state]) => state === 'Released').length, 12);
  assert.equal(sides.arrived.filter(([name]) => name === 'cancelOrder').length, 0);
  assert.equal(await tasks(), 0);
});

test('all or nothing: too little stock, or a batch that is cancelled, leaves nothing held', async () => {
  await sides.stock(12);
  const tooMany = await batch(13, true);
  await runAll();
  assert.deepEqual([await statusOf(tooMany), await ordered()], ['failed', []]);
  const cancelled = await batch(12, true);
  failing('downloadOrder', 'answer lost');
  await runBatches(sides.context);
  await sides.data.transact((unit) => cancelBatch(cancelled, unit));
  sides.restart();
  await sides.leasesEnd();
  await runAll();
  assert.deepEqual(
    [await statusOf(cancelled), await ordered(), await tasks()],
    ['cancelled', [], 0],
  );
});
