// The life cycle of an eSIM Profile as it is stored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount } from '../../src/operator/account/account.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { openTestData } from '../data.ts';
import { onEachDatabase } from '../databases.ts';
import { Sids } from '../../src/values/sid.ts';
import { unitAt } from '../unit.ts';

const NOON = new Date('2026-11-29T12:00:00.000Z');
const MINUTE_MS = 60_000;

onEachDatabase('an eSIM Profile', (database) => {
  test('is never updated earlier than it was, although a transaction that began earlier comes later', async () => {
    await using data = await openTestData(database);
    const changed = await data.store.transaction(async (tables) => {
      // Those of other tests would carry their time into the date of the order.
      const sids = new Sids();
      const unit = { ...unitAt(tables, NOON), sids };
      const created = await createAccount({ friendlyName: 'Test' }, data.masterKey, unit);
      const order = {
        account_sid: created!.account.sid,
        eid: null,
        generate_matching_id: 1,
        profile_type: null,
        confirmation_code: null,
        callback_url: null,
        callback_method: 'POST',
      } as const;
      const row = await insertEsimProfile(order, { cause: 'ordered' }, unit);
      const earlier = unitAt(tables, new Date(NOON.getTime() - MINUTE_MS));
      return changeStatus(row, 'reserving', {}, { cause: 'reservation begun' }, earlier);
    });
    assert.deepEqual(
      [changed.date_created, changed.date_updated],
      ['2026-11-29T12:00:00Z', '2026-11-29T12:00:00Z'],
    );
  });
});
