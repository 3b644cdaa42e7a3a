// A unit of work for tests, at a given time, without wake-ups.
import type { Store, Transaction } from '../src/store/store.ts';
import type { Transact, Unit } from '../src/unit.ts';
import { Sids } from '../src/values/sid.ts';

const sids = new Sids();

export const unitAt = (tables: Transaction, now: Date): Unit => ({
  tables,
  now,
  sids,
  requestId: undefined,
  wake() {},
  reached() {},
  async audit() {},
});

export const transactAt =
  (store: Pick<Store, 'transaction'>, now: Date): Transact =>
  (work) =>
    store.transaction((tables) => work(unitAt(tables, now)));
