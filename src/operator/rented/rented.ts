// What the rules do otherwise when the SM-DP+ is a rented one, whose functions take their time.
import type { MasterKey } from '../../process/keys.ts';
import type { Es2PlusTaskRow, EsimProfileRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import type { Cause } from '../esim-profile.ts';
import type { Held } from '../order-at-smdp.ts';
import { sealTask } from './task.ts';
import type { Task } from './task.ts';
import { TaskState } from './task-state.ts';

/** Orders of batches that wait for the reservation, at most: a single order waits behind so many. */
const WAITING_LIMIT = 60;

/** The setting of a database that names the rented SM-DP+ that its orders are at. */
export const RENTED_SMDP = 'rented_smdp';

export interface Rented {
  /** Leaves an order that the unit has placed to the reservation, with what is held for it. */
  leave(order: EsimProfileRow, held: Held | undefined, unit: Unit): Promise<EsimProfileRow>;
  /** Whether so many orders wait that a batch should wait, too. */
  isBusy(unit: Unit): Promise<boolean>;
  /** Releases the subscription of an order again, soon, if nothing else is done with it. */
  queueRelease(old: EsimProfileRow, cause: Cause, unit: Unit): Promise<void>;
}

export function rentedRules(masterKey: MasterKey): Rented {
  const newTask = (
    { account_sid, sid: subject }: EsimProfileRow,
    task: Task,
    { now }: Unit,
  ): Es2PlusTaskRow => ({
    account_sid,
    subject,
    kind: task.kind,
    task: sealTask({ account_sid, subject }, task, masterKey),
    due_at: now.toISOString(),
    attempts: 0,
    problem: null,
    date_created: now.toISOString(),
  });
  return {
    async leave(order, held, unit) {
      if (held === undefined) return order;
      const task = newTask(order, { kind: 'reserve' }, unit);
      const { es2plusTasks } = unit.tables;
      await es2plusTasks.insert(task);
      const state = new TaskState(
        order.account_sid,
        { subject: order.sid, task: { kind: 'reserve' } },
        task,
      );
      const call = state.call('downloadOrder', 0, {});
      Object.assign(call, {
        identifier: held.identifier,
        state: 'answered',
        answer: { iccid: held.iccid },
      });
      await es2plusTasks.writeCall(state.rowOf(call, masterKey));
      return order;
    },
    async isBusy({ tables }) {
      return (await tables.esimProfiles.countToReserve(WAITING_LIMIT)) === WAITING_LIMIT;
    },
    async queueRelease(old, cause, unit) {
      await unit.tables.es2plusTasks.insert(
        newTask(old, { kind: 'release again', replacement: {}, cause }, unit),
      );
      unit.wake('reservation');
    },
  };
}
