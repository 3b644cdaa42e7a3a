// A rented SM-DP+, for units that call its functions as if it were at hand. What a unit has no answer to is asked between two
// commits, and then the unit runs again: docs/decisions/0049-rented-smdp.md.
import type { Logger } from 'pino';
import type { SmdpFunctions } from '../../es2plus/functions.ts';
import type { MasterKey } from '../../process/keys.ts';
import { Conflict } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import { allEnded } from '../../store/together.ts';
import type { Transact, Unit } from '../../unit.ts';
import { mayPass } from '../reserve.ts';
import { callSmdp } from './call-smdp.ts';
import type { Connection } from './call-smdp.ts';
import { checkAnswer, checkRequest } from './check-answer.ts';
import { ChangeUnderWay, SmdpUnavailable } from './rented-errors.ts';
import { breakOff, claim, letGo, waitOrDrop } from './task-commits.ts';
import { isSameTask, openTask } from './task.ts';
import type { SmdpTask } from './task.ts';
import { answerOf, TaskState } from './task-state.ts';
import type { Call, FunctionName, Request } from './task-state.ts';

/** Each conflict means that something else has changed the order meanwhile. */
const ATTEMPTS = 12;

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
  store: Store;
  transact: Transact;
  masterKey: MasterKey;
  log: Logger;
} & Connection): RentedSmdp {
  const keeper = { masterKey, log };
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
      if (known !== undefined) {
        return (await checkAnswer(
          name,
          request,
          known.response,
          { accountSid, subject: on.subject },
          unit,
        )) as never;
      }
      await checkRequest(name, request, on, accountSid, unit);
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
      if (!isFree || !isSameTask(on.task, openTask(row, masterKey).task))
        throw new ChangeUnderWay(row);
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
          await keepTasks(states.values(), unit);
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
    for (const state of states.values()) {
      if (state.row === undefined) continue;
      if (!used.has(state)) await letGo(state, keeper, unit);
      else if (!(await unit.tables.es2plusTasks.delete(state.row))) {
        throw new ChangeUnderWay(state.row);
      }
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
    const claimed = await inner((unit) =>
      allEnded(asked.map((state) => claim(state, keeper, unit))),
    ).catch(async (error: unknown) => {
      needed.forEach(({ call }, index) => {
        if (wereUnsent[index]) call.state = 'unsent';
      });
      await leave(states, error);
      throw error;
    });
    asked.forEach((state, index) => {
      state.row = claimed[index]!;
    });
    markWritten(asked);
    const begun = performance.now();
    const failed = await Promise.all(
      needed.map(({ call }, index) =>
        callSmdp(call, wereUnsent[index]!, begun, { client, line, log }),
      ),
    );
    const without = needed.filter((_needed, index) => failed[index] !== undefined);
    if (without.length === 0) return;
    const why = failed.find((problem) => problem !== undefined)!;
    const waiting = new Set(without.map(({ state }) => state));
    const dropped = await inner(async (unit) => {
      const outcomes: boolean[] = [];
      for (const state of states.values()) {
        if (waiting.has(state)) outcomes.push(await waitOrDrop(state, why.message, keeper, unit));
        else if (state.row !== undefined) await letGo(state, keeper, unit);
      }
      return outcomes.every(Boolean);
    });
    throw new SmdpUnavailable(why, !dropped);
  }

  /** The unit has failed, and not because of the SM-DP+. */
  async function leave(states: Map<string, TaskState>, error: unknown): Promise<void> {
    const claimed = [...states.values()].filter(({ row }) => row !== undefined);
    if (claimed.length === 0) return;
    const passes = error instanceof ChangeUnderWay || mayPass(error, store);
    try {
      await inner((unit) =>
        allEnded(
          claimed.map((state) =>
            passes ? letGo(state, keeper, unit) : breakOff(state, error as Error, keeper, unit),
          ),
        ),
      );
    } catch (again) {
      // Then they are taken up when their time is over.
      log.error({ err: again }, 'what is under way at the SM-DP+ could not be written');
    }
  }

  return { smdp: functionsFor, transact };
}

function markWritten(states: Iterable<TaskState>): void {
  for (const { calls } of states) for (const call of calls.values()) call.written = true;
}

/** Throws `ChangeUnderWay` if one has ended or been turned meanwhile: what it was answered is then for another task. */
async function keepTasks(states: Iterable<TaskState>, { tables }: Unit): Promise<void> {
  for (const { row } of states) {
    if (row !== undefined && !(await tables.es2plusTasks.lock(row))) throw new ChangeUnderWay(row);
  }
}
