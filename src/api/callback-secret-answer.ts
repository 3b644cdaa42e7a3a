import type { Context } from '../context.ts';
import { callbackSecretsOf } from '../operator/account/callback-secret.ts';
import type { AccountRow } from '../store/schema.ts';
import { apiDate } from '../values/date.ts';
import type { Answer } from './operation.ts';

export const CALLBACK_SECRET_PATH = '/v1/Account/CallbackSecret';

export const CALLBACK_SECRET_HEADERS = {
  'Cache-Control': 'Keeps caches from storing the secret.',
};

/** The secrets that sign the callbacks of an account. */
export function callbackSecretAnswer(
  account: AccountRow,
  { masterKey, now, publicUrl }: Pick<Context, 'masterKey' | 'now' | 'publicUrl'>,
): Answer {
  const { secret, previous } = callbackSecretsOf(account, masterKey, now());
  const body = {
    account_sid: account.sid,
    secret,
    previous_secret: previous?.secret ?? null,
    previous_until: previous === undefined ? null : apiDate(new Date(previous.until)),
    url: `${publicUrl}${CALLBACK_SECRET_PATH}`,
  };
  return {
    status: 200,
    body: JSON.stringify(body),
    headers: { 'Cache-Control': 'no-store' },
  };
}
