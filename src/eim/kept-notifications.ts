// Notifications that the eIM has acknowledged, and keeps until their SM-DP+ takes them: a device that sleeps for weeks cannot be asked
// again. Only what an eUICC that we know has signed is kept, and little for each.
import type { Context } from '../context.ts';
import type { EimContext } from './eim.ts';
import { notifySmdp, SmdpUnavailable } from './es9plus.ts';
import { pauseWithin } from '../outgoing/schedule.ts';
import { EIM_NOTIFICATION_KEPT_MS } from '../process/retention.ts';
import type { EimNotificationRow, EuiccRow } from '../store/schema.ts';

/** Of one eUICC. */
const MOST_KEPT = 16;
/** After the call of the device; also of one that waits behind another. */
const PAUSE_MS = 30_000;
/** Longer than any call: after this its node is dead, and another may try. */
const LOCK_MS = 60_000;
/** Sent at once. */
const AT_ONCE = 8;

type KeepContext = Pick<EimContext, 'store' | 'transact'>;

/** Whether others wait for the same SM-DP+. */
export async function hasKept(
  { eid }: Pick<EuiccRow, 'eid'>,
  smdpAddress: string,
  { store }: Pick<KeepContext, 'store'>,
): Promise<boolean> {
  const kept = await store.eimNotifications.of(eid);
  return kept.some(({ smdp_address: address }) => address === smdpAddress.toLowerCase());
}

/** @returns false if the eUICC has too many, or another one with this number */
export async function keepNotification(
  { eid, sid, account_sid }: Pick<EuiccRow, 'eid' | 'sid' | 'account_sid'>,
  { smdpAddress, seqNumber, der }: { smdpAddress: string; seqNumber: number; der: Uint8Array },
  { transact }: KeepContext,
): Promise<boolean> {
  return transact(async ({ tables, now }) => {
    if ((await tables.euiccs.lock(eid))?.sid !== sid) return false;
    const kept = await tables.eimNotifications.of(eid);
    const same = kept.find(({ seq_number: known }) => known === seqNumber);
    if (same !== undefined) return same.smdp_address === smdpAddress.toLowerCase();
    if (kept.length >= MOST_KEPT) return false;
    await tables.eimNotifications.insert({
      eid,
      seq_number: seqNumber,
      account_sid,
      smdp_address: smdpAddress.toLowerCase(),
      notification: der,
      attempts: 1,
      due_at: new Date(now.getTime() + PAUSE_MS).toISOString(),
      date_created: now.toISOString(),
    });
    return true;
  });
}

export type SendContext = Pick<Context, 'store' | 'transact' | 'now' | 'log'> &
  Pick<EimContext, 'eim'>;

/** Sends what is due. Any node may do it, and may die while it does: its claims end. @returns whether there may be more */
export async function sendKept(context: SendContext): Promise<boolean> {
  const { store, transact, now } = context;
  const due = await store.eimNotifications.due(now().toISOString(), AT_ONCE);
  await Promise.all(
    due.map(async (row) => {
      const until = new Date(now().getTime() + LOCK_MS).toISOString();
      if (!(await transact(({ tables }) => tables.eimNotifications.claim(row, until)))) return;
      const first = await firstOf(row, context);
      if (first === undefined || first.seq_number === row.seq_number) await send(row, context);
      // With it: when that has been taken, the next one is due at once.
      else {
        const leftMs = Date.parse(first.due_at) - now().getTime();
        await putOff(row, row.attempts, Math.max(leftMs, PAUSE_MS), context);
      }
    }),
  );
  return due.length === AT_ONCE;
}

/** Of those of its eUICC for its SM-DP+. */
async function firstOf(
  { eid, smdp_address: smdp }: EimNotificationRow,
  { store }: SendContext,
): Promise<Pick<EimNotificationRow, 'seq_number' | 'due_at'> | undefined> {
  const kept = await store.eimNotifications.of(eid);
  return kept.find(({ smdp_address: address }) => address === smdp);
}

async function putOff(
  row: EimNotificationRow,
  attempts: number,
  pauseMs: number,
  { transact, now }: SendContext,
): Promise<void> {
  const until = new Date(now().getTime() + pauseMs).toISOString();
  await transact(({ tables }) => tables.eimNotifications.postpone({ ...row, attempts }, until));
}

async function send(row: EimNotificationRow, context: SendContext): Promise<void> {
  const { eim, now, log } = context;
  const { eid, seq_number: seqNumber, smdp_address: smdp, attempts } = row;
  const fields = { eid, seqNumber, smdp };
  if (await isTaken(row, eim.es9plus)) {
    await end(row, context);
    log.info(fields, 'a notification that was kept was taken over');
    return;
  }
  const leftMs = Date.parse(row.date_created) + EIM_NOTIFICATION_KEPT_MS - now().getTime();
  const pauseMs = pauseWithin(leftMs, attempts);
  if (pauseMs !== undefined) return putOff(row, attempts + 1, pauseMs, context);
  await end(row, context);
  log.warn(fields, 'a notification was given up, since its SM-DP+ has not taken it');
}

async function end(row: EimNotificationRow, { transact }: SendContext): Promise<void> {
  await transact(async ({ tables, now }) => {
    await tables.eimNotifications.delete(row);
    await tables.eimNotifications.hastenNext(row, now.toISOString());
  });
}

async function isTaken(
  { smdp_address: smdp, notification }: EimNotificationRow,
  es9plus: SendContext['eim']['es9plus'],
): Promise<boolean> {
  if (!es9plus.reaches(smdp)) return false;
  const caller = { userAgent: undefined, address: null };
  try {
    return await notifySmdp(es9plus, smdp, Uint8Array.from(notification), caller);
  } catch (error) {
    if (error instanceof SmdpUnavailable) return false;
    throw error;
  }
}
