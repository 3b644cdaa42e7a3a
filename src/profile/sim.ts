// The life of a Sim: made when a profile is reserved, changed by its owner.
import type { SimRow, SimStatus } from '../store/schema.ts';
import type { Store, Transaction } from '../store/store.ts';
import { enqueueSimCallback } from './callback.ts';
import { apiDate } from './date.ts';
import { timeOrderedSid } from './sid.ts';

export const SIM_STATUSES = [
  'new',
  'ready',
  'active',
  'inactive',
  'scheduled',
] as const satisfies SimStatus[];

/** What an owner may ask for. `ready` can only be reached from `new`, and nothing returns to `new`. */
const NEXT: Record<SimStatus, readonly SimStatus[]> = {
  new: ['ready', 'active', 'inactive'],
  ready: ['active', 'inactive'],
  active: ['inactive'],
  inactive: ['active'],
  scheduled: [],
};

export function mayBecome(from: SimStatus, to: SimStatus): boolean {
  return NEXT[from].includes(to);
}

/** The Sim of a subscription, made if the account does not know it yet. */
export async function ensureSim(
  accountSid: string,
  iccid: string,
  now: Date,
  tables: Transaction,
): Promise<SimRow> {
  const known = await tables.sims.findByIccid(accountSid, iccid);
  if (known !== undefined) return known;
  const sim: SimRow = {
    account_sid: accountSid,
    sid: timeOrderedSid('sim', now.getTime()),
    iccid,
    unique_name: null,
    status: 'new',
    scheduled_status: null,
    fleet_sid: null,
    callback_url: null,
    callback_method: 'POST',
    date_created: apiDate(now),
    date_updated: apiDate(now),
  };
  await tables.sims.insert(sim);
  return sim;
}

/** Carries out status changes that were asked for, oldest first. @returns how many */
export async function settleScheduledSims(store: Store, now: Date, limit: number): Promise<number> {
  return store.transaction(async (tables) => {
    const scheduled = await tables.sims.claimScheduled(limit);
    for (const sim of scheduled) {
      const settled: SimRow = {
        ...sim,
        status: sim.scheduled_status ?? 'inactive',
        scheduled_status: null,
        date_updated: apiDate(now),
      };
      await tables.sims.update(settled);
      await enqueueSimCallback(settled, now, tables);
    }
    return scheduled.length;
  });
}
