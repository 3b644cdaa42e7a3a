import type { EimContext } from '../eim.ts';
import type { EimOperationRow, EimPackageRow } from '../../store/schema.ts';

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

/** As `noteWaiting`, of the operation that a package belongs to. */
export async function noteWaitingFor(
  { eid, operation_sid: sid }: EimPackageRow,
  message: string,
  context: Pick<EimContext, 'store' | 'transact'>,
): Promise<void> {
  const operation = await context.store.eimOperations.find(eid, sid);
  if (operation !== undefined) await noteWaiting(operation, message, context);
}
