import type { EimContext } from '../eim.ts';
import type { EimOperationRow } from '../../store/schema.ts';

/** What the device waits for, as the operation shows it. */
export async function noteWaiting(
  { eid, sid, error_message: known }: EimOperationRow,
  message: string,
  { transact }: Pick<EimContext, 'transact'>,
): Promise<void> {
  if (known === message) return;
  await transact(async ({ tables, now }) => {
    await tables.euiccs.lock(eid);
    const current = await tables.eimOperations.find(eid, sid);
    if (current?.status !== 'sent') return;
    await tables.eimOperations.update(current, {
      error_message: message,
      date_updated: now.toISOString(),
    });
  });
}
