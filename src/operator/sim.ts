// The life of a Sim: made when a profile is reserved, changed by its owner.
import type { Context } from '../context.ts';
import type { HttpMethod, SimRow, SimStatus } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { MasterKey } from '../process/keys.ts';
import { sealCallbackUrl } from './callback-url.ts';
import { enqueueSimCallback } from './callback.ts';
import { apiDate } from '../values/date.ts';
import { dateOfSid, isSid, timeOrderedSid } from '../values/sid.ts';

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

/** What an owner may change; what is not there stays. */
export interface SimChange {
  /** null takes the name away. */
  uniqueName?: string | null;
  /** Becomes true by itself, soon after. */
  status?: SimStatus;
  fleetSid?: string;
  /** As the owner wrote it, user and password included. */
  callbackUrl?: string | null;
  callbackMethod?: HttpMethod;
}

/** A change that the life of a Sim does not allow. */
export class SimChangeRefused extends Error {
  override name = 'SimChangeRefused';
  readonly what: 'status' | 'uniqueName';

  constructor(what: SimChangeRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}

/** The Sim as it is after a change. Throws `SimChangeRefused`. */
export function changeSim(sim: SimRow, change: SimChange, masterKey: MasterKey, now: Date): SimRow {
  const { uniqueName, status, fleetSid, callbackUrl, callbackMethod } = change;
  const changed: SimRow = { ...sim, date_updated: apiDate(now) };
  if (typeof uniqueName === 'string' && isSid('sim', uniqueName)) {
    // Such a name would hide another Sim.
    throw new SimChangeRefused('uniqueName', 'UniqueName must not look like a SID');
  }
  if (uniqueName !== undefined) changed.unique_name = uniqueName;
  if (fleetSid !== undefined) changed.fleet_sid = fleetSid;
  if (callbackUrl !== undefined) {
    changed.callback_url = callbackUrl && sealCallbackUrl(callbackUrl, sim.account_sid, masterKey);
  }
  if (callbackMethod !== undefined) changed.callback_method = callbackMethod;
  if (status !== undefined && status !== sim.status) {
    if (!NEXT[sim.status].includes(status)) {
      throw new SimChangeRefused('status', `A Sim that is ${sim.status} cannot become ${status}`);
    }
    changed.status = 'scheduled';
    changed.scheduled_status = status;
  }
  return changed;
}

/** The Sim of a subscription, made if the account does not know it yet. */
export async function ensureSim(
  accountSid: string,
  iccid: string,
  { tables, now }: Unit,
): Promise<SimRow> {
  const known = await tables.sims.findByIccid(accountSid, iccid);
  if (known !== undefined) return known;
  const sid = timeOrderedSid('sim', now);
  // By the SID, whose order and ranges stand for those of the date.
  const date = apiDate(dateOfSid(sid));
  const sim: SimRow = {
    account_sid: accountSid,
    sid,
    iccid,
    unique_name: null,
    status: 'new',
    scheduled_status: null,
    fleet_sid: null,
    callback_url: null,
    callback_method: 'POST',
    date_created: date,
    date_updated: date,
  };
  await tables.sims.insert(sim);
  return sim;
}

/** Carries out status changes that were asked for, oldest first. @returns how many */
export async function settleScheduledSims(
  limit: number,
  { transact }: Pick<Context, 'transact'>,
): Promise<number> {
  return transact(async (unit) => {
    const { sims } = unit.tables;
    const scheduled = await sims.claimScheduled(limit);
    for (const sim of scheduled) {
      const settled: SimRow = {
        ...sim,
        status: sim.scheduled_status ?? 'inactive',
        scheduled_status: null,
        date_updated: apiDate(unit.now),
      };
      await sims.update(settled);
      await enqueueSimCallback(settled, unit);
    }
    return scheduled.length;
  });
}
