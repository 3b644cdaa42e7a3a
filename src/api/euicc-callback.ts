// Where callbacks about an eUICC, or about one operation on it, go, as given.
import { callbackColumns } from '../operator/callback-url.ts';
import type { CallbackColumns } from '../eim/operations/operation.ts';
import type { MasterKey } from '../process/keys.ts';
import type { HttpMethod } from '../store/schema.ts';

/** @returns the columns that change */
export function callbackGiven(
  {
    CallbackUrl: url,
    CallbackMethod: method,
  }: { CallbackUrl?: string; CallbackMethod?: HttpMethod },
  accountSid: string,
  masterKey: MasterKey,
): Partial<CallbackColumns> {
  return {
    ...(url === undefined ? {} : callbackColumns(url === '' ? null : url, accountSid, masterKey)),
    ...(method === undefined ? {} : { callback_method: method }),
  };
}

/** Of something new. */
export const newCallback = (...given: Parameters<typeof callbackGiven>): CallbackColumns => ({
  callback_url: null,
  callback_method: 'POST',
  callback_off: 0,
  ...callbackGiven(...given),
});
