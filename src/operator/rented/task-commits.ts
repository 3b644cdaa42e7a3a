// What is written of tasks at a rented SM-DP+: by whoever has the task, which is whoever wrote its `due_at` last.
import type { Logger } from 'pino';
import type { MasterKey } from '../../process/keys.ts';
import { Conflict } from '../../store/errors.ts';
import type { Es2PlusTaskRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { changeStatus, insertNotificationEvent } from '../esim-profile.ts';
import { SmdpRefused } from '../order-at-smdp.ts';
import { BEGUN, failure, NOT_CARRIED_OUT } from '../reserve.ts';
import { pauseAfter } from './line.ts';
import { ChangeUnderWay } from './rented-errors.ts';
import { isDroppable, sealTask } from './task.ts';
import type { SmdpTask } from './task.ts';
import type { TaskState } from './task-state.ts';

/** How long nobody else takes a task up: longer than its calls can wait for their turn and their answers. */
const LEASE_MS = 75_000;

/** How the history words that the SM-DP+ does not answer. */
export const WAITING = 'waiting for the SM-DP+';

interface Keeper {
  masterKey: MasterKey;
  log: Logger;
}

/** @returns its row. Throws `ChangeUnderWay`, and `Conflict` if its order has changed since it was read. */
export async function claim(state: TaskState, keeper: Keeper, unit: Unit): Promise<Es2PlusTaskRow> {
  const due_at = new Date(unit.now.getTime() + LEASE_MS).toISOString();
  const { row } = state;
  if (row !== undefined) {
    if (!(await write(state, { due_at }, keeper, unit))) throw new ChangeUnderWay(row);
    return { ...row, due_at };
  }
  await begin(state.on, unit);
  const { key, on } = state;
  const made: Es2PlusTaskRow = {
    ...key,
    kind: on.task.kind,
    task: sealTask(key, on.task, keeper.masterKey),
    due_at,
    attempts: 0,
    problem: null,
    date_created: on.task.kind === 'reserve' ? on.order!.date_created : unit.now.toISOString(),
  };
  if (!(await unit.tables.es2plusTasks.insert(made))) throw new ChangeUnderWay(made);
  await writeAnswers(state, keeper, unit);
  return made;
}

/** Of an order that is as it was read. */
async function begin({ order, task, subject }: SmdpTask, unit: Unit): Promise<void> {
  if (order === undefined) return;
  const current = await unit.tables.esimProfiles.find(order.account_sid, order.sid);
  if (current?.status !== order.status || current.revision !== order.revision) {
    throw new Conflict(`${subject} has changed`);
  }
  if (task.kind !== 'reserve' || order.status !== 'new') return;
  const { status, cause } = BEGUN;
  await changeStatus(current, status, {}, cause, unit);
}

/** Whoever finds it next takes it up. */
export async function letGo(state: TaskState, keeper: Keeper, unit: Unit): Promise<void> {
  await write(state, { due_at: unit.now.toISOString() }, keeper, unit);
  unit.wake('reservation');
}

/** One without an answer waits, or is dropped if it was never sent. @returns whether it is dropped */
export async function waitOrDrop(
  state: TaskState,
  problem: string,
  keeper: Keeper,
  unit: Unit,
): Promise<boolean> {
  const { on, row } = state;
  if (isDroppable(on.task) && !state.hasEffect) {
    await unit.tables.es2plusTasks.delete(row!);
    return true;
  }
  const attempts = row!.attempts + 1;
  const due_at = new Date(unit.now.getTime() + pauseAfter(attempts)).toISOString();
  const isOurs = await write(state, { due_at, attempts, problem }, keeper, unit);
  if (isOurs && row!.attempts === 0) await tellWaiting(on, problem, unit);
  return false;
}

/** In the history of the order. */
async function tellWaiting({ order }: SmdpTask, detail: string, unit: Unit): Promise<void> {
  if (order === undefined) return;
  const current = await unit.tables.esimProfiles.find(order.account_sid, order.sid);
  if (current === undefined) return;
  await insertNotificationEvent(current, { cause: WAITING, detail }, unit);
}

/** Changes that leave an order without its profile if they are broken off. */
const LOSING = ['reissue', 'update', 'reserve'];

/** The rules allow no more of a change. What it has ordered is cancelled, and an order without its profile has failed. */
export async function breakOff(
  state: TaskState,
  error: Error,
  keeper: Keeper,
  unit: Unit,
): Promise<void> {
  const { row, on, accountSid } = state;
  if (!state.hasEffect) {
    await unit.tables.es2plusTasks.delete(row!);
    return;
  }
  const columns = { kind: 'undo', due_at: unit.now.toISOString() };
  if (!(await write(state, columns, keeper, unit))) return;
  unit.wake('reservation');
  keeper.log.error({ err: error, order: on.subject }, 'a change at the SM-DP+ was broken off');
  if (!LOSING.includes(on.task.kind) || on.order === undefined) return;
  const order = await unit.tables.esimProfiles.find(accountSid, on.order.sid);
  if (order?.status !== 'available' && order?.status !== 'reserving') return;
  if (error instanceof SmdpRefused) error.hasEnded = true;
  const why = error instanceof SmdpRefused ? failure(error.refused) : NOT_CARRIED_OUT;
  const cause = { cause: 'SM-DP+ refused', detail: error.message };
  await changeStatus(order, 'failed', why, cause, unit);
}

/** The columns, and the answers that are not on disk. @returns whether the task is still ours */
async function write(
  state: TaskState,
  columns: Partial<Es2PlusTaskRow>,
  keeper: Keeper,
  unit: Unit,
): Promise<boolean> {
  if (!(await unit.tables.es2plusTasks.update(state.row!, columns))) return false;
  await writeAnswers(state, keeper, unit);
  return true;
}

async function writeAnswers(
  state: TaskState,
  { masterKey }: Pick<Keeper, 'masterKey'>,
  { tables }: Unit,
): Promise<void> {
  for (const call of state.calls.values()) {
    if (!call.written) await tables.es2plusTasks.writeCall(state.rowOf(call, masterKey));
  }
}
