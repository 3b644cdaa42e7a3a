import type { CallbackRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { UserError } from './user-error.ts';

/** Throws `UserError` if the account has no such callback. */
export async function findCallback(
  store: Store,
  accountSid: string,
  sid: string,
): Promise<CallbackRow> {
  const callback = await store.callbacks.find(accountSid, sid);
  if (callback === undefined) {
    throw new UserError(`There is no callback ${sid} in account ${accountSid}`);
  }
  return callback;
}
