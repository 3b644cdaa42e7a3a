// The life cycle of a Sim: created when a profile is reserved, changed by its owner.
import type { Context } from '../context.ts';
import type { HttpMethod, SimRow, SimStatus } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { MasterKey } from '../process/keys.ts';
import { callbackColumns } from './callback-url.ts';
import { enqueueSimCallback } from './callback.ts';
import { apiDate } from '../values/date.ts';
import { dateOfSid, isSid } from '../values/sid.ts';

export const SIM_STATUSES = [
  'new',
  'ready',
  'active',
  'inactive',
  'scheduled',
] as const satisfies SimStatus[];

/** The changes that an owner may request. `ready` can only be reached from `new`, and nothing returns to `new`. */
const NEXT: Record<SimStatus, readonly SimStatus[]> = {
  new: ['ready', 'active', 'inactive'],
  ready: ['active', 'inactive'],
  active: ['inactive'],
  inactive: ['active'],
  scheduled: [],
};

/** A change by the owner; absent fields stay unchanged. */
export interface SimChange {
  /** null removes the name. */
  uniqueName?: string | null;
  /** Takes effect soon after, in the background. */
  status?: SimStatus;
  fleetSid?: string;
  /** As given, including user name and password, or `NO_CALLBACKS`; null: that of the account. */
  callbackUrl?: string | null;
  callbackMethod?: HttpMethod;
}

/** A change that the life cycle of a Sim does not allow. */
export class SimChangeRefused extends Error {
  override name = 'SimChangeRefused';
  readonly what: 'status' | 'uniqueName';

  constructor(what: SimChangeRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}

/** The Sim after a change. Throws `SimChangeRefused`. */
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
    Object.assign(changed, callbackColumns(callbackUrl, sim.account_sid, masterKey));
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

/** The Sim of a subscription, created if the account does not have it yet. */
export function ensureSim(
  accountSid: string,
  iccid: string,
  { tables, now, sids }: Unit,
): Promise<SimRow> {
  return tables.sims.ensure(newSim(accountSid, sids.next('sim', now), iccid));
}

/** A Sim as it is created. */
export function newSim(accountSid: string, sid: string, iccid: string): SimRow {
  // From the SID, which stands for the date in sorting and filtering.
  const date = apiDate(dateOfSid(sid));
  return {
    account_sid: accountSid,
    sid,
    iccid,
    unique_name: null,
    status: 'new',
    scheduled_status: null,
    fleet_sid: null,
    callback_url: null,
    callback_method: 'POST',
    callback_off: 0,
    date_created: date,
    date_updated: date,
  };
}

/** Applies scheduled status changes, oldest first. @returns how many */
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
