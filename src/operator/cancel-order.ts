// Cancelling an order that nobody has installed: by its owner, or because it has expired.
import type { EsimProfileRow, EsimProfileStatus } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { Cause } from './esim-profile.ts';
import { changeStatus } from './esim-profile.ts';
import type { FinalProfileStatus } from './order-at-smdp.ts';
import { cancelAtSmdp } from './order-at-smdp.ts';
import type { ChangeContext } from './order-change.ts';
import { ChangeRefused, changeOrder, checkStatus } from './order-change.ts';

/** Codes of our own stand at the end of the block of the dictionary that has the original's 83500. */
export const CANCELLED = { error_code: '83590', error_message: 'The order was cancelled' };
export const EXPIRED = {
  error_code: '83591',
  error_message: 'The order has expired: nobody downloaded the profile in time',
};

/** The profile type of the test subscriptions that are made for rehearsals: no other order may get one. */
export const REHEARSAL_TYPE = 'rehearsal';

const CANCELLABLE: readonly EsimProfileStatus[] = ['new', 'reserving', 'available', 'downloaded'];

/**
 * Ends an order: it is `failed`. A profile whose package has left may be installed at any time, so its subscription never
 * returns to stock, and what its device reports goes into the history. Throws `ChangeRefused`, `SmdpRefused`, and
 * `Conflict` if something else has changed the order: then run the unit again.
 */
export function cancelOrder(
  row: EsimProfileRow,
  finalStatus: FinalProfileStatus,
  failure: typeof CANCELLED,
  cause: Cause,
  { smdp }: Pick<ChangeContext, 'smdp'>,
  unit: Unit,
): Promise<EsimProfileRow> {
  return changeOrder(row, unit, async () => {
    checkStatus(row, 'an order can be cancelled', CANCELLABLE);
    if (row.status === 'downloaded' && finalStatus === 'Available') {
      throw new ChangeRefused(
        row,
        'is downloaded: its package has left and may be installed at any time, so its subscription cannot return to ' +
          'stock. An order can be cancelled with FinalProfileStatusIndicator=Available while it is new or available, and ' +
          'now with FinalProfileStatusIndicator=Unavailable',
        ['new', 'available'],
      );
    }
    if (row.status === 'reserving') {
      await unit.tables.es2plusTasks.turn(row.account_sid, row.sid, 'reserve', 'undo');
      unit.wake('reservation');
    } else if (row.status !== 'new') {
      const final = row.profile_type === REHEARSAL_TYPE ? 'Unavailable' : finalStatus;
      const task = { kind: 'cancel', finalStatus, failure, cause } as const;
      const on = { subject: row.sid, order: row, task };
      await cancelAtSmdp(row, final, smdp(row.account_sid, unit, on));
    }
    const cancelled = await changeStatus(row, 'failed', failure, cause, unit);
    await unit.audit(row.account_sid, {
      subject: row.sid,
      before: { status: row.status },
      after: { status: 'failed', final_profile_status: finalStatus },
    });
    return cancelled;
  });
}
