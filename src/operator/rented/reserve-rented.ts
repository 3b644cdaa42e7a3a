// The reservation at a rented SM-DP+, and whatever else is under way there: each order is a unit of its own, which runs again
// when its calls are answered.
import type { Context } from '../../context.ts';
import { Conflict } from '../../store/errors.ts';
import type { Es2PlusTaskRow, EsimProfileRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { within } from '../../process/request-scope.ts';
import { ChangeRefused } from '../order-change.ts';
import { changeStatus, insertNotificationEvent, takeSteps } from '../esim-profile.ts';
import { SmdpRefused } from '../order-at-smdp.ts';
import { OrderRefused } from '../placeOrder.ts';
import { BEGUN } from '../reserve.ts';
import { apiDate } from '../../values/date.ts';
import { carryOut, isWaiting } from './carry-out.ts';
import type { Line } from './line.ts';
import type { RentedSmdp } from './rented-smdp.ts';
import { ChangeUnderWay, SmdpUnavailable } from './rented-errors.ts';
import { WAITING } from './task-commits.ts';
import { openTask, sealTask } from './task.ts';
import { TaskState } from './task-state.ts';

/** Stands at the end of the block of the dictionary that has 83500. */
const OUT_OF_PATIENCE = {
  error_code: '83592',
  error_message: 'The SM-DP+ could not be reached in time',
};

const DAY_MS = 24 * 60 * 60 * 1_000;

type ReservingContext = Pick<
  Context,
  'config' | 'store' | 'masterKey' | 'smdp' | 'rented' | 'log' | 'now'
> & { transact: RentedSmdp['transact']; line: Line };

/**
 * Takes up to `limit` tasks and orders up, those that are due longest first. While the SM-DP+ does not answer, orders are only
 * told to wait.
 * @returns whether there may be more to do now
 */
export async function reserveRented(context: ReservingContext, limit: number): Promise<boolean> {
  const { store, line, now } = context;
  await giveUpOld(context, limit);
  if (line.problem !== undefined) {
    await tellToWait(context, line.problem, limit);
    return false;
  }
  const most = line.isTried ? 1 : limit;
  const due = await store.es2plusTasks.listDue(now().toISOString(), most);
  const orders = due.length < most ? await store.esimProfiles.listToReserve(most - due.length) : [];
  await allEnded([
    ...due.map((row) => takeUp(row, context)),
    ...orders.map((order) => reserveOne(order, context)),
  ]);
  return due.length + orders.length === most;
}

async function reserveOne(order: EsimProfileRow, context: ReservingContext): Promise<void> {
  const { account_sid: accountSid, sid: subject } = order;
  const on = { subject, order, task: { kind: 'reserve' } } as const;
  const state = new TaskState(accountSid, on, undefined);
  await attempt(state, context);
}

async function takeUp(row: Es2PlusTaskRow, context: ReservingContext): Promise<void> {
  const { store, masterKey } = context;
  const { account_sid: accountSid, subject } = row;
  const order = await store.esimProfiles.find(accountSid, subject);
  const { task, act } = openTask(row, masterKey);
  const state = new TaskState(
    accountSid,
    { subject, task, ...(order === undefined ? {} : { order }) },
    row,
  );
  for (const call of await store.es2plusTasks.listCalls(row)) state.take(call, masterKey);
  const carryOn = () => attempt(state, context);
  await (act === undefined ? carryOn() : within(act, carryOn));
}

async function attempt(state: TaskState, context: ReservingContext): Promise<void> {
  const { store, transact, log } = context;
  try {
    await transact((unit) => carryOut(state, context, unit), state);
  } catch (error) {
    // The task waits, somebody else has it, or its order has just changed.
    if (
      error instanceof SmdpUnavailable ||
      error instanceof ChangeUnderWay ||
      error instanceof Conflict
    ) {
      return;
    }
    const fields = { order: state.on.subject, task: state.on.task.kind };
    if (
      error instanceof ChangeRefused ||
      error instanceof SmdpRefused ||
      error instanceof OrderRefused
    ) {
      log.warn({ ...fields, reason: error.message }, 'a change at the SM-DP+ was refused');
      return;
    }
    if (store.isUnavailable(error)) throw error;
    log.error({ ...fields, err: error }, 'a task at the SM-DP+ failed');
  }
}

/** Orders that come while the SM-DP+ does not answer are `reserving`, and their history says why. */
async function tellToWait(context: ReservingContext, problem: string, limit: number) {
  const { store, transact, masterKey, line } = context;
  const orders = await store.esimProfiles.listToReserve(limit);
  if (orders.length === 0) return;
  await transact(async (unit) => {
    const due_at = new Date(unit.now.getTime() + line.pauseMs).toISOString();
    await allEnded(
      orders.map(async ({ account_sid, sid: subject, date_created }) => {
        const order = await unit.tables.esimProfiles.find(account_sid, subject);
        if (order === undefined || !isWaiting(order)) return;
        const key = { account_sid, subject };
        const task = sealTask(key, { kind: 'reserve' }, masterKey);
        const row = { ...key, kind: 'reserve', task, due_at, attempts: 1, problem, date_created };
        if (!(await unit.tables.es2plusTasks.insert(row))) return;
        const begun = order.status === 'new' ? await takeSteps(order, [BEGUN], unit) : order;
        await insertNotificationEvent(begun, { cause: WAITING, detail: problem }, unit);
      }),
    );
  });
}

/** Fails orders that have waited for too long. What became of them at the SM-DP+ is found out when it answers again. */
async function giveUpOld(context: ReservingContext, limit: number): Promise<void> {
  const { store, transact, config, now } = context;
  const patienceMs = config.smdpPatienceDays * DAY_MS;
  const before = apiDate(new Date(now().getTime() - patienceMs));
  for (const row of await store.es2plusTasks.listWaitingSince(before, limit)) {
    await transact((unit) => giveUp(row, unit));
  }
}

async function giveUp({ account_sid, subject, problem }: Es2PlusTaskRow, unit: Unit) {
  const order = await unit.tables.esimProfiles.find(account_sid, subject);
  if (order === undefined || !isWaiting(order)) return;
  const cause = {
    cause: 'the SM-DP+ could not be reached',
    ...(problem === null ? {} : { detail: problem }),
  };
  await unit.tables.es2plusTasks.turn(account_sid, subject, 'reserve', 'undo');
  await changeStatus(order, 'failed', OUT_OF_PATIENCE, cause, unit);
}
