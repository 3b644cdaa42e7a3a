// Where callbacks about an eUICC go, on the command line.
import type { CallbackColumns } from '../eim/operations/operation.ts';
import { callbackColumns, problemOfCallbackChoice } from '../operator/callback-url.ts';
import type { MasterKey } from '../process/keys.ts';
import type { EuiccRow, HttpMethod } from '../store/schema.ts';
import { callbackText, checkCallbackUrl } from './callback-url.ts';

export interface CallbackOptions {
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
}

/** As given, which is checked. Throws `UsageError`. */
export function callbackOf(
  { callbackUrl: url, callbackMethod: method }: CallbackOptions,
  accountSid: string,
  masterKey: MasterKey,
): Partial<CallbackColumns> {
  if (url) checkCallbackUrl(url, problemOfCallbackChoice);
  return {
    ...(url === undefined ? {} : callbackColumns(url === '' ? null : url, accountSid, masterKey)),
    ...(method === undefined ? {} : { callback_method: method }),
  };
}

export const callbackWords = (row: EuiccRow) =>
  row.callback_off === 1 ? 'none' : (callbackText(row) ?? 'as the account');
