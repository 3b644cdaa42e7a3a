// Expires orders, deletes what is past its retention, and checks certificates.
import type { Context } from '../context.ts';
import { forgetInstallLinks } from '../operator/install/install-link.ts';
import { endExpiredOrders } from '../smdp/download/order-expiry.ts';
import { forgetSessions } from '../smdp/download/session-retention.ts';
import { pruneRspLog } from '../smdp/download/rsp-log-retention.ts';
import {
  EIM_OPERATION_KEPT_MS,
  OUTBOX_LIFETIME_MS,
  HOUSEKEEPING_EVERY_MS,
  IDEMPOTENCY_KEY_LIFETIME_MS,
  REPORT_LIFETIME_MS,
  SMDS_EVENT_KEPT_MS,
} from '../process/retention.ts';
import type { Transaction } from '../store/store.ts';
import type { Job } from './job.ts';
import { BATCH } from './job.ts';

const FORGOTTEN_AT_ONCE = 200;
/** Small rows, of which there is one for each order. */
const KEYS_FORGOTTEN_AT_ONCE = 2_000;

/** @param warnOfPki logs new warnings about the certificates */
export function housekeeping(
  context: Pick<Context, 'config' | 'log' | 'now' | 'operator' | 'transact'>,
  warnOfPki: () => void,
): Job {
  return {
    name: 'housekeeping',
    everyMs: HOUSEKEEPING_EVERY_MS,
    async turn() {
      warnOfPki();
      const date = context.now().getTime();
      const expired = await endExpiredOrders(context, BATCH);
      const more = await context.transact(({ tables }) => forget(date, tables));
      const links = await context.transact((unit) => forgetInstallLinks(FORGOTTEN_AT_ONCE, unit));
      const sessions = await forgetSessions(context, FORGOTTEN_AT_ONCE);
      const logged = await pruneRspLog(context, FORGOTTEN_AT_ONCE);
      return more || [expired, links, sessions, logged].some((count) => count > 0);
    },
  };
}

/** @returns whether there may be more */
async function forget(date: number, tables: Transaction): Promise<boolean> {
  const before = (lifetimeMs: number) => new Date(date - lifetimeMs).toISOString();
  await tables.consoleSessions.deleteExpired(before(0));
  const old = before(OUTBOX_LIFETIME_MS);
  const deleted = [
    await tables.idempotencyKeys.deleteBefore(
      before(IDEMPOTENCY_KEY_LIFETIME_MS),
      KEYS_FORGOTTEN_AT_ONCE,
    ),
    await tables.es2plusReports.deleteBefore(before(REPORT_LIFETIME_MS), FORGOTTEN_AT_ONCE),
    await tables.callbacks.deleteSettledBefore(old, FORGOTTEN_AT_ONCE),
    await tables.progressReports.deleteSettledBefore(old, FORGOTTEN_AT_ONCE),
    await tables.eimOperations.deleteEndedBefore(before(EIM_OPERATION_KEPT_MS), FORGOTTEN_AT_ONCE),
    await tables.euiccEvents.deleteBefore(before(EIM_OPERATION_KEPT_MS), FORGOTTEN_AT_ONCE),
    await forgetBulks(before(EIM_OPERATION_KEPT_MS), tables),
    await tables.euiccContacts.deleteExpired(before(0), FORGOTTEN_AT_ONCE),
    await tables.smdsEvents.deleteSettledBefore(before(SMDS_EVENT_KEPT_MS), FORGOTTEN_AT_ONCE),
  ];
  return deleted.some((count) => count > 0);
}

/** Bulk operations with their operations, some at a time. */
async function forgetBulks(
  before: string,
  { bulkOperations, eimOperations }: Transaction,
): Promise<number> {
  const [old] = await bulkOperations.listEndedBefore(before, 1);
  if (old === undefined) return 0;
  const deleted = await eimOperations.deleteOfBulk(old, FORGOTTEN_AT_ONCE);
  if (deleted < FORGOTTEN_AT_ONCE) await bulkOperations.delete(old);
  return 1;
}
