// Says of what is held back since a restore what is free, and what is in use.
import type { Unit } from '../unit.ts';
import { keepFromStock, releaseHeld } from '../smdp/profile-state.ts';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';

interface Data {
  store: Store;
  transact: Transact;
}

const AT_ONCE = 1_000;

export interface Released {
  /** Back in stock, or to be downloaded again. */
  released: number;
  /** Never in stock again. */
  kept: number;
  /** Orders that stay held back. */
  held: number;
}

/** Releases the subscriptions with these ICCIDs, of whichever accounts. @returns how many were held back */
export async function releaseThese(
  iccids: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  { store, transact }: Data,
): Promise<number> {
  const accounts = await store.accounts.list();
  let released = 0;
  for await (const some of iccids) {
    for (const { sid } of accounts) {
      released += await transact(async (unit) => {
        const count = await releaseHeld(sid, some, unit);
        await auditRelease(sid, { released: count }, unit);
        return count;
      });
    }
  }
  return released;
}

/**
 * Releases all that is held back, except what is in use: a subscription of the stock never returns to it, an order stays
 * held back.
 * @param inUse ICCIDs
 */
export async function releaseAllBut(
  inUse: ReadonlySet<string>,
  { store, transact }: Data,
  tell: (done: number) => void,
): Promise<Released> {
  const sum: Released = { released: 0, kept: 0, held: 0 };
  for (const { sid } of await store.accounts.list()) {
    for (let after = ''; ;) {
      const rows = await store.heldSubscriptions.list(sid, after, AT_ONCE);
      const { used = [], free = [] } = Object.groupBy(rows, ({ iccid }) =>
        inUse.has(iccid) ? 'used' : 'free',
      );
      const iccidsOf = (some: typeof rows) => some.map(({ iccid }) => iccid);
      const ofStock = used.filter(({ state }) => state === 'Unavailable');
      const { released, kept } = await transact(async (unit) => {
        const counts = {
          released: await releaseHeld(sid, iccidsOf(free), unit),
          kept: await keepFromStock(sid, iccidsOf(ofStock), unit),
        };
        await auditRelease(sid, counts, unit);
        return counts;
      });
      sum.released += released;
      sum.kept += kept;
      sum.held += used.length - ofStock.length;
      tell(sum.released + sum.kept);
      if (rows.length < AT_ONCE) break;
      after = rows.at(-1)!.iccid;
    }
  }
  return sum;
}

async function auditRelease(
  accountSid: string,
  counts: Record<string, number>,
  { audit }: Pick<Unit, 'audit'>,
): Promise<void> {
  if (Object.values(counts).every((count) => count === 0)) return;
  await audit(accountSid, { subject: 'restored past', after: counts });
}
