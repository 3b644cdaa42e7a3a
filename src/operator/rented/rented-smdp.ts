// A rented SM-DP+, for units that call its functions as if it were at hand. What a unit has no answer to is asked between two
// commits, and then the unit runs again: docs/decisions/0049-rented-smdp.md.
import type { Logger } from 'pino';
import type { SmdpFunctions } from '../../es2plus/functions.ts';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import type { MasterKey } from '../../process/keys.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { Conflict } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Es2PlusTaskRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Transact, Unit } from '../../unit.ts';
import { changeStatus, insertNotificationEvent } from '../esim-profile.ts';
import { SmdpRefused } from '../order-at-smdp.ts';
import { BEGUN, failure, mayPass, NOT_CARRIED_OUT } from '../reserve.ts';
import { pauseAfter } from './line.ts';
import type { Line } from './line.ts';
import { isDroppable, isSameTask, openTask, sealTask } from './task.ts';
import type { SmdpTask } from './task.ts';
import { answerOf, TaskState } from './task-state.ts';
import type { Call, FunctionName, Request } from './task-state.ts';

/** The client of ES2+; see es2plus/client.ts. */
export interface SmdpClient {
  call(
    name: FunctionName,
    request: Request & { header: { functionCallIdentifier: string } },
  ): Promise<unknown>;
}

/** How long nobody else takes a task up: longer than its calls can wait for their turn and their answers. */
const LEASE_MS = 75_000;
/** A call whose turn comes later than this is not made. */
const TURN_MS = 20_000;
/** Each conflict means that something else has changed the order meanwhile. */
const ATTEMPTS = 12;

/** How the history words that the SM-DP+ does not answer. */
export const WAITING = 'waiting for the SM-DP+';

/** Another change of the order is under way, or this one by another process. */
export class ChangeUnderWay extends Error {
  override name = 'ChangeUnderWay';

  constructor({ subject, problem }: Es2PlusTaskRow) {
    super(
      `A change of ${subject} is being carried out at the SM-DP+` +
        (problem === null ? '' : `, which does not answer: ${problem}`),
    );
  }
}

/** The SM-DP+ gives no answer. */
export class SmdpUnavailable extends Error {
  override name = 'SmdpUnavailable';
  /** Whether the change goes on by itself, once the SM-DP+ answers; otherwise nothing was changed. */
  readonly goesOn: boolean;

  constructor({ message }: PeerUnavailable, goesOn: boolean) {
    super(`The SM-DP+ does not answer: ${message}`);
    this.goesOn = goesOn;
  }
}

/** Whether the SM-DP+ has to answer, or another process to be done, before it goes on. */
export const mustWait = (error: unknown): error is SmdpUnavailable | ChangeUnderWay =>
  error instanceof SmdpUnavailable || error instanceof ChangeUnderWay;

/** A sentence about what became of a change that was not carried out. */
export function outcomeOf(error: SmdpRefused | SmdpUnavailable): string {
  if (error instanceof SmdpUnavailable && error.goesOn) {
    return 'The change goes on by itself once it does, as the history will show';
  }
  if (error instanceof SmdpRefused && error.hasEnded) {
    return 'What was done before cannot be taken back, so the order has ended: it is failed';
  }
  return 'Nothing was changed';
}

/** The unit has to run again, once its calls are answered. */
class CallNeeded extends Error {
  override name = 'CallNeeded';
}

interface Needed {
  state: TaskState;
  call: Call;
}

/** One run of a unit. */
interface Attempt {
  states: Map<string, TaskState>;
  used: Set<TaskState>;
  needed: Needed[];
  counts: Map<string, number>;
}

export interface RentedSmdp {
  smdp: (accountSid: string, unit: Unit, on: SmdpTask) => SmdpFunctions;
  /**
   * As it was given, for work that may call the SM-DP+. Throws also `SmdpUnavailable` and `ChangeUnderWay`.
   * @param resumed the task that the work carries out, if another unit has begun it
   */
  transact: <T>(work: (unit: Unit) => Promise<T>, resumed?: TaskState) => Promise<T>;
}

export function rentedSmdp({
  client,
  line,
  store,
  transact: inner,
  masterKey,
  log,
}: {
  client: SmdpClient;
  line: Line;
  store: Store;
  transact: Transact;
  masterKey: MasterKey;
  log: Logger;
}): RentedSmdp {
  const attemptOf = new WeakMap<Unit, Attempt>();

  function functionsFor(accountSid: string, unit: Unit, on: SmdpTask): SmdpFunctions {
    const attempt = attemptOf.get(unit);
    if (attempt === undefined) throw new TypeError('this unit cannot call a rented SM-DP+');
    const { counts, needed, used } = attempt;

    async function answer(name: FunctionName, given: Request): Promise<never> {
      const { header: _header, ...request } = given as Request & { header: object };
      const counted = `${accountSid} ${on.subject} ${name}`;
      const before = counts.get(counted) ?? 0;
      counts.set(counted, before + 1);
      const state = await stateOf(accountSid, on, attempt!, unit);
      used.add(state);
      const call = state.call(name, before, request);
      const known = answerOf(call);
      if (known !== undefined) return known.response as never;
      needed.push({ state, call });
      throw new CallNeeded();
    }
    return {
      downloadOrder: (request) => answer('downloadOrder', request),
      confirmOrder: (request) => answer('confirmOrder', request),
      cancelOrder: (request) => answer('cancelOrder', request),
      releaseProfile: (request) => answer('releaseProfile', request),
    };
  }

  /** Throws `ChangeUnderWay`. */
  async function stateOf(
    accountSid: string,
    on: SmdpTask,
    { states }: Attempt,
    { tables: { es2plusTasks }, now }: Unit,
  ): Promise<TaskState> {
    const name = `${accountSid} ${on.subject}`;
    const known = states.get(name);
    if (known !== undefined) return known;
    const row = await es2plusTasks.find({ account_sid: accountSid, subject: on.subject });
    const state = new TaskState(accountSid, on, row);
    if (row !== undefined) {
      const isFree = row.due_at <= now.toISOString();
      if (!isFree || !isSameTask(on.task, openTask(row, masterKey))) throw new ChangeUnderWay(row);
      for (const call of await es2plusTasks.listCalls(row)) state.take(call, masterKey);
    }
    states.set(name, state);
    return state;
  }

  async function transact<T>(work: (unit: Unit) => Promise<T>, resumed?: TaskState): Promise<T> {
    const states = new Map<string, TaskState>();
    if (resumed !== undefined) {
      states.set(`${resumed.accountSid} ${resumed.on.subject}`, resumed);
    }
    let attempt: Attempt;
    for (let conflicts = 0; ;) {
      try {
        return await inner(async (unit) => {
          attempt = { states, used: new Set(), needed: [], counts: new Map() };
          attemptOf.set(unit, attempt);
          if (resumed !== undefined) attempt.used.add(resumed);
          const result = await work(unit);
          await settle(attempt, unit);
          return result;
        });
      } catch (error) {
        const isUnderWay = [...states.values()].some(({ row }) => row !== undefined);
        if (error instanceof CallNeeded) await ask(attempt!.needed, states);
        else if (!(error instanceof Conflict && isUnderWay && ++conflicts < ATTEMPTS)) {
          await leave(states, error);
          throw error;
        }
      }
    }
  }

  /** The last commit of the tasks that the unit has carried out. Others, which it no longer needs, somebody else ends. */
  async function settle({ states, used }: Attempt, unit: Unit): Promise<void> {
    const { es2plusTasks } = unit.tables;
    for (const state of states.values()) {
      if (state.row === undefined) continue;
      if (!used.has(state)) {
        await letGo(state, unit);
        continue;
      }
      if (!(await es2plusTasks.delete(state.row))) throw new Conflict('Somebody else has the task');
    }
  }

  /** Whoever finds it next takes it up. */
  async function letGo(state: TaskState, unit: Unit): Promise<void> {
    await writeAnswers(state, unit);
    await unit.tables.es2plusTasks.update(state.row!, { due_at: unit.now.toISOString() });
  }

  async function writeAnswers(state: TaskState, { tables }: Unit): Promise<void> {
    for (const call of state.calls.values()) {
      if (!call.written) await tables.es2plusTasks.writeCall(state.rowOf(call, masterKey));
    }
  }

  /** Claims and commits, calls, and keeps the answers, which the next commit writes. Throws `SmdpUnavailable`. */
  async function ask(needed: readonly Needed[], states: Map<string, TaskState>): Promise<void> {
    const asked = [...new Set(needed.map(({ state }) => state))];
    const wereUnsent = needed.map(({ call }) => call.state === 'unsent');
    for (const { call } of needed) {
      call.state = 'asked';
      call.written = false;
    }
    const claimed = await inner((unit) => allEnded(asked.map((state) => claim(state, unit)))).catch(
      async (error: unknown) => {
        needed.forEach(({ call }, index) => {
          if (wereUnsent[index]) call.state = 'unsent';
        });
        await leave(states, error);
        throw error;
      },
    );
    asked.forEach((state, index) => {
      state.row = claimed[index]!;
    });
    markWritten(asked);
    const begun = performance.now();
    const failed = await Promise.all(
      needed.map(({ call }, index) => callNow(call, wereUnsent[index]!, begun)),
    );
    const without = needed.filter((_needed, index) => failed[index] !== undefined);
    if (without.length === 0) return;
    const why = failed.find((problem) => problem !== undefined)!;
    const dropped = await wait(new Set(without.map(({ state }) => state)), why, states);
    throw new SmdpUnavailable(why, !dropped);
  }

  /** @returns its row. Throws `ChangeUnderWay`, and `Conflict` if its order has changed since it was read. */
  async function claim(state: TaskState, unit: Unit): Promise<Es2PlusTaskRow> {
    const { tables, now } = unit;
    const { on, key, row } = state;
    const due_at = new Date(now.getTime() + LEASE_MS).toISOString();
    await writeAnswers(state, unit);
    if (row !== undefined) {
      if (await tables.es2plusTasks.update(row, { due_at })) return { ...row, due_at };
      throw new ChangeUnderWay(row);
    }
    const { order, task, subject } = on;
    if (order !== undefined) {
      const current = await tables.esimProfiles.find(state.accountSid, order.sid);
      if (current?.status !== order.status || current.revision !== order.revision) {
        throw new Conflict(`${subject} has changed`);
      }
      if (task.kind === 'reserve' && order.status === 'new') {
        const { status, cause } = BEGUN;
        await changeStatus(current, status, {}, cause, unit);
      }
    }
    const made: Es2PlusTaskRow = {
      ...key,
      kind: task.kind,
      task: sealTask(key, task, masterKey),
      due_at,
      attempts: 0,
      problem: null,
      date_created: task.kind === 'reserve' ? order!.date_created : now.toISOString(),
    };
    if (await tables.es2plusTasks.insert(made)) return made;
    throw new ChangeUnderWay(made);
  }

  /** @returns why there is no answer */
  async function callNow(
    call: Call,
    wasUnsent: boolean,
    begun: number,
  ): Promise<PeerUnavailable | undefined> {
    const { name, identifier, request } = call;
    const header = { functionCallIdentifier: identifier };
    try {
      const response = await line.take(() => {
        if (performance.now() > begun + TURN_MS) {
          throw new PeerUnavailable('too many calls wait for it', 'not sent');
        }
        return client.call(name, { ...request, header });
      });
      Object.assign(call, { state: 'answered', answer: response, written: false });
      line.answered();
      return undefined;
    } catch (error) {
      if (error instanceof FunctionExecutionError) {
        const { subjectCode, reasonCode, message } = error;
        const answer = { subjectCode, reasonCode, message };
        Object.assign(call, { state: 'refused', answer, written: false });
        line.answered();
        return undefined;
      }
      if (!(error instanceof PeerUnavailable)) {
        log.error({ err: error, function: name }, 'a call of the SM-DP+ failed here');
        return new PeerUnavailable('the call failed here', 'sent');
      }
      line.failed(error);
      if (wasUnsent && error.arrival === 'not sent') {
        Object.assign(call, { state: 'unsent', written: false });
      }
      return error;
    }
  }

  /** What has no answer waits, or is dropped if it was never sent. @returns whether all of it is dropped */
  async function wait(
    without: ReadonlySet<TaskState>,
    { message }: PeerUnavailable,
    states: Map<string, TaskState>,
  ): Promise<boolean> {
    return inner(async (unit) => {
      const { es2plusTasks } = unit.tables;
      let isAll = true;
      for (const state of states.values()) {
        const { row, on } = state;
        if (row === undefined) continue;
        if (!without.has(state)) {
          await letGo(state, unit);
          continue;
        }
        if (isDroppable(on.task) && !state.hasEffect) {
          await es2plusTasks.delete(row);
          continue;
        }
        isAll = false;
        await writeAnswers(state, unit);
        const attempts = row.attempts + 1;
        const due_at = new Date(unit.now.getTime() + pauseAfter(attempts)).toISOString();
        await es2plusTasks.update(row, { due_at, attempts, problem: message });
        if (row.attempts === 0) await tellWaiting(on, message, unit);
      }
      return isAll;
    });
  }

  /** The unit has failed, and not because of the SM-DP+. */
  async function leave(states: Map<string, TaskState>, error: unknown): Promise<void> {
    const claimed = [...states.values()].filter(({ row }) => row !== undefined);
    if (claimed.length === 0) return;
    const passes = error instanceof ChangeUnderWay || mayPass(error, store);
    try {
      await inner((unit) =>
        allEnded(
          claimed.map((state) => (passes ? letGo(state, unit) : end(state, error as Error, unit))),
        ),
      );
    } catch (again) {
      // Then they are taken up when their time is over.
      log.error({ err: again }, 'what is under way at the SM-DP+ could not be written');
    }
  }

  /** The rules allow no more of a change. What it has ordered is cancelled, and an order without its profile has failed. */
  async function end(state: TaskState, error: Error, unit: Unit): Promise<void> {
    const { tables } = unit;
    const { row, on, accountSid } = state;
    const { order, task } = on;
    if (!state.hasEffect) {
      await tables.es2plusTasks.delete(row!);
      return;
    }
    await writeAnswers(state, unit);
    const hasLost = ['reissue', 'update', 'reserve'].includes(task.kind);
    const current =
      order === undefined ? undefined : await tables.esimProfiles.find(accountSid, order.sid);
    if (hasLost && current !== undefined && ['available', 'reserving'].includes(current.status)) {
      if (error instanceof SmdpRefused) error.hasEnded = true;
      const why = error instanceof SmdpRefused ? failure(error.refused) : NOT_CARRIED_OUT;
      const cause = { cause: 'SM-DP+ refused', detail: error.message };
      await changeStatus(current, 'failed', why, cause, unit);
    }
    log.error({ err: error, order: on.subject }, 'a change at the SM-DP+ was broken off');
    await tables.es2plusTasks.update(row!, { kind: 'undo', due_at: unit.now.toISOString() });
    unit.wake('reservation');
  }

  return { smdp: functionsFor, transact };
}

/** In the history of the order. */
async function tellWaiting({ order }: SmdpTask, detail: string, unit: Unit): Promise<void> {
  if (order === undefined) return;
  const current = await unit.tables.esimProfiles.find(order.account_sid, order.sid);
  if (current !== undefined)
    await insertNotificationEvent(current, { cause: WAITING, detail }, unit);
}

function markWritten(states: Iterable<TaskState>): void {
  for (const { calls } of states) for (const call of calls.values()) call.written = true;
}
