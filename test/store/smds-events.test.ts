// What SM-DSs are to have, and who settles it, on both databases.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SmdsEventRow, SubscriptionRow } from '../../src/store/schema.ts';
import { onEachDatabase } from '../databases.ts';
import { openTestData } from '../data.ts';
import type { TestData } from '../data.ts';

const ACCOUNT = `AC${'0'.repeat(32)}`;
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

const event = (eventId: string, fields: Partial<SmdsEventRow> = {}): SmdsEventRow => ({
  event_id: eventId,
  eid: '89049032000000000000000000000001',
  address: `${eventId.toLowerCase()}.example`,
  account_sid: ACCOUNT,
  iccid: '8988211000000000014',
  order_number: 1,
  ordered_by: 'an order',
  forwards: 0,
  wanted: 1,
  state: 'absent',
  attempts: 0,
  error: null,
  next_attempt_at: at(0),
  locked_until: null,
  date_created: at(0),
  date_updated: at(0),
  ...fields,
});

onEachDatabase('events at SM-DSs', (database) => {
  let data: TestData;
  before(async () => {
    data = await openTestData(database);
  });
  after(() => data[Symbol.asyncDispose]());

  const want = (row: SmdsEventRow) => data.store.transaction((t) => t.smdsEvents.want(row));
  const unwant = (row: SmdsEventRow, now: string) =>
    data.store.transaction((t) => t.smdsEvents.unwant(row as unknown as SubscriptionRow, now));
  const claim = (row: SmdsEventRow, now: string, until: string, limit = 8) =>
    data.store.transaction((t) => t.smdsEvents.claim(row.address, now, until, limit));
  const find = (row: SmdsEventRow) => data.store.transaction((t) => t.smdsEvents.get(row));
  const ended = { error: null, locked_until: null, date_updated: at(3) };

  test('§3.6.1 one that nobody has begun to register is not deleted', async () => {
    const row = event('UNTOUCHED', { iccid: '1' });
    await want(row);
    assert.equal(await unwant(row, at(1)), false);
    assert.deepEqual(await claim(row, at(9), at(10)), []);
  });

  test('one is claimed by one node, and by another once the claim has ended; then it may be there', async () => {
    const row = event('CLAIMED', { iccid: '2' });
    await want(row);
    const claims = await Promise.all([1, 2, 3].map(() => claim(row, at(1), at(2))));
    assert.deepEqual(
      claims.flat().map((claimed) => ({ ...claimed })),
      [row],
    );
    assert.deepEqual(await claim(row, at(1), at(2)), []);
    assert.equal(await data.store.smdsEvents.nextDue('b', at(1)), undefined);
    assert.equal(await data.store.smdsEvents.nextDue('b', at(2)), row.address);
    const [again] = await claim(row, at(2), at(3));
    assert.deepEqual([again!.state, again!.attempts], ['unknown', 1]);
    // The order ends while a node calls, or has died in the call: the deletion follows.
    assert.equal(await unwant(row, at(2)), true);
    assert.deepEqual(await claim(row, at(2), at(4)), []);
    const [last] = await claim(row, at(3), at(4));
    assert.deepEqual([last!.wanted, last!.attempts], [0, 0]);
  });

  test('one that is registered and wanted again, for another order, stays', async () => {
    const row = event('AGAIN', { iccid: '3' });
    await want(row);
    await claim(row, at(1), at(2));
    const registered = { state: 'registered', next_attempt_at: null } as const;
    await data.store.transaction((t) => t.smdsEvents.settle(row, { ...ended, ...registered }));
    await unwant(row, at(3));
    await want({ ...row, order_number: 3, next_attempt_at: at(3) });
    const found = (await find(row))!;
    assert.deepEqual(
      [found.wanted, found.order_number, found.state, found.next_attempt_at],
      [1, 3, 'registered', null],
    );
    // The end of the earlier order is no longer about it.
    assert.equal(await unwant(row, at(4)), false);
    assert.equal((await find(row))!.wanted, 1);
  });

  test('those of several SM-DSs are due one after the other, longest due first', async () => {
    const rows = ['Y', 'X', 'W'].map((id, index) =>
      event(id, { address: 'z.example', iccid: '4', next_attempt_at: at(index) }),
    );
    for (const row of rows) await want(row);
    const { smdsEvents } = data.store;
    assert.equal(await smdsEvents.nextDue('y', at(1)), 'z.example');
    assert.equal(await smdsEvents.nextDue('z.example', at(1)), undefined);
    const claimed = await claim(rows[0]!, at(2), at(3), 2);
    assert.deepEqual(
      claimed.map(({ event_id }) => event_id),
      ['Y', 'X'],
    );
    await data.store.transaction((t) => t.smdsEvents.unlockAll());
    assert.equal((await claim(rows[0]!, at(2), at(3))).length, 3);
  });

  test('those that were deleted long ago are forgotten, and no others', async () => {
    const [deleted, wanted, owed] = ['GONE', 'HERE', 'OWED'].map((id) => event(id, { iccid: id }));
    for (const row of [deleted!, wanted!, owed!]) await want(row);
    const settle = (row: SmdsEventRow, state: 'absent' | 'registered') =>
      data.store.transaction((t) =>
        t.smdsEvents.settle(row, { ...ended, state, next_attempt_at: null }),
      );
    await settle(wanted!, 'registered');
    await settle(owed!, 'registered');
    await unwant(deleted!, at(3));
    await unwant(owed!, at(3));
    await data.store.transaction((t) => t.smdsEvents.deleteSettledBefore(at(4), 100));
    const left = await Promise.all([deleted!, wanted!, owed!].map(find));
    assert.deepEqual(
      left.map((row) => row?.event_id),
      [undefined, 'HERE', 'OWED'],
    );
  });
});
