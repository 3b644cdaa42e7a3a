// The life cycle of an eSIM Profile as it is stored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount } from '../../src/operator/account/account.ts';
import { changeStatus, insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { openTestData } from '../data.ts';
import { onEachDatabase } from '../databases.ts';
import { apiDate } from '../../src/values/date.ts';
import { Sids } from '../../src/values/sid.ts';
import { unitAt } from '../unit.ts';

/** In whole seconds; now, because PostgreSQL refuses events that are written long after their time. */
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const MINUTE_MS = 60_000;

onEachDatabase('an eSIM Profile', (database) => {
  test('is never updated earlier than it was, although a transaction that began earlier comes later', async () => {
    await using data = await openTestData(database);
    const changed = await data.store.transaction(async (tables) => {
      // Those of other tests would carry their time into the date of the order.
      const sids = new Sids();
      const unit = { ...unitAt(tables, NOW), sids };
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
      const earlier = unitAt(tables, new Date(NOW.getTime() - MINUTE_MS));
      return changeStatus(row, 'reserving', {}, { cause: 'reservation begun' }, earlier);
    });
    assert.deepEqual([changed.date_created, changed.date_updated], [apiDate(NOW), apiDate(NOW)]);
  });
});
