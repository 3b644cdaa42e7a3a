// Paths below a batch.
import { isSid } from '../values/sid.ts';
import type { BatchRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { notFound } from './api-error.ts';

export const BATCHES_PATH = '/v1/ESimProfiles/Batches';

/** Throws `ApiError` 404. */
export async function findBatch(
  accountSid: string,
  sid: string,
  { batches }: Pick<Store, 'batches'>,
  path = '',
): Promise<BatchRow> {
  const found = isSid('batch', sid)
    ? await batches.find({ account_sid: accountSid, sid })
    : undefined;
  if (found === undefined) throw notFound(`${BATCHES_PATH}/${sid}${path}`);
  return found;
}
