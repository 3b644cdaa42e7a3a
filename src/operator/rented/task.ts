// What is under way at a rented SM-DP+, as any process can take it up: docs/decisions/0049-rented-smdp.md.
import type { MasterKey } from '../../process/keys.ts';
import { currentAct } from '../../process/request-scope.ts';
import type { Act } from '../../process/request-scope.ts';
import type { Es2PlusTaskRow, EsimProfileRow } from '../../store/schema.ts';
import type { CANCELLED } from '../cancel-order.ts';
import type { Cause } from '../esim-profile.ts';
import type { FinalProfileStatus } from '../order-at-smdp.ts';
import type { NewMatchingId } from '../reissue-matching-id.ts';
import type { Replacement } from '../replace-order.ts';
import type { OrderUpdate } from '../update-order.ts';

/** What an owner, or time, changes of an order. */
export type ChangeTask =
  | { kind: 'cancel'; finalStatus: FinalProfileStatus; failure: typeof CANCELLED; cause: Cause }
  | { kind: 'reissue'; wanted: NewMatchingId; cause: Cause }
  | { kind: 'update'; update: OrderUpdate; cause: Cause }
  | { kind: 'release again'; replacement: Replacement; cause: Cause };

export type Task =
  | ChangeTask
  | { kind: 'reserve' }
  /** Stock for an item of a batch is taken, or returned. */
  | { kind: 'hold' }
  | { kind: 'return' }
  /** What was ordered is cancelled, since its order has ended. */
  | { kind: 'undo' };

/** What functions are called for. */
export interface SmdpTask {
  /** SID of the order, or `BATCH.ITEM`. */
  subject: string;
  task: Task;
  /** As it was read. */
  order?: EsimProfileRow;
}

export const taskPlace = ({
  account_sid,
  subject,
}: Pick<Es2PlusTaskRow, 'account_sid' | 'subject'>) =>
  `es2plus_tasks.task ${account_sid} ${subject}`;

/** With who asks for it, since another process may enter it into the audit log. */
export function sealTask(
  key: Pick<Es2PlusTaskRow, 'account_sid' | 'subject'>,
  task: Task,
  masterKey: MasterKey,
): string {
  return masterKey.seal(JSON.stringify({ ...task, act: currentAct() }), taskPlace(key));
}

/** @returns `act`: who asked for it; undefined: nobody. Throws `SealError`. */
export function openTask(
  row: Es2PlusTaskRow,
  masterKey: MasterKey,
): { task: Task; act: Act | undefined } {
  const opened = JSON.parse(masterKey.open(row.task, taskPlace(row))) as Task & { act?: Act };
  const { act, ...task } = opened;
  // The kind can have become another since.
  return { task: row.kind === task.kind ? task : ({ kind: row.kind } as Task), act };
}

/** Whether two tasks would do the same, whoever asked for it. */
export function isSameTask(one: Task, other: Task): boolean {
  const { cause: _one, ...first } = one as Task & { cause?: Cause };
  const { cause: _other, ...second } = other as Task & { cause?: Cause };
  return JSON.stringify(first) === JSON.stringify(second);
}

/** Dropped if the SM-DP+ was never reached: whoever asked for it is told. */
export const isDroppable = ({ kind }: Task): boolean =>
  ['cancel', 'reissue', 'update', 'release again'].includes(kind);
