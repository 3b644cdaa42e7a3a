// Paths of bulk operations, and changes of them.
import type { BulkKey } from '../store/bulk-operations.ts';
import type { BulkOperationRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Unit } from '../unit.ts';
import type { Context } from '../context.ts';
import { countBulk } from '../eim/fleet/bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import { isSid } from '../values/sid.ts';
import { notFound } from './api-error.ts';
import { EUICCS_PATH, toApiError } from './euicc-paths.ts';
import type { Answer } from './operation.ts';

export const BULKS_PATH = `${EUICCS_PATH}/BulkOperations`;
export const BULK_PATH = `${BULKS_PATH}/:Sid`;

/** Throws `ApiError` 404. */
export async function findBulk(
  accountSid: string,
  sid: string,
  { bulkOperations }: Pick<Store, 'bulkOperations'>,
  path = '',
): Promise<BulkOperationRow> {
  const found = isSid('bulkOperation', sid)
    ? await bulkOperations.find({ account_sid: accountSid, sid })
    : undefined;
  if (found === undefined) throw notFound(`${BULKS_PATH}/${sid}${path}`);
  return found;
}

/** What a change that somebody asks for makes of one. Throws `ApiError`. */
export async function changeBulk(
  { account_sid, sid }: BulkKey,
  path: string,
  change: (key: BulkKey, unit: Unit) => Promise<BulkOperationRow | undefined>,
  { transact, store, publicUrl }: Pick<Context, 'transact' | 'store' | 'publicUrl'>,
): Promise<Answer> {
  const row = await transact((unit) => change({ account_sid, sid }, unit)).catch(
    (error: unknown) => {
      throw toApiError(error);
    },
  );
  if (row === undefined) throw notFound(`${BULKS_PATH}/${sid}${path}`);
  return { status: 200, body: renderBulk(row, publicUrl, await countBulk(row, store)) };
}
