import type { Context } from '../context.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import type { Caller } from '../operator/account/account.ts';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import type { AccountRow } from '../store/schema.ts';
import { apiDate } from '../values/date.ts';
import { VERSION } from '../version.ts';

/** The account of a caller as JSON. */
export function accountAnswer(
  account: AccountRow,
  { scope }: Caller,
  { config, publicUrl }: Pick<Context, 'config' | 'publicUrl'>,
): string {
  return JSON.stringify({
    sid: account.sid,
    friendly_name: account.friendly_name,
    scope,
    smdp_plus: config.rentedSmdp === undefined ? 'built-in' : 'rented',
    smdp_plus_address: config.smdpAddress,
    eim_id: config.esipaPort === undefined ? null : eimIdOf(config),
    eim_fqdn: config.esipaPort === undefined ? null : config.eimFqdn,
    version: VERSION,
    release_again: account.release_again,
    callback_url: account.callback_url && shownCallbackUrl(account.callback_url),
    callback_method: account.callback_method,
    euicc_callbacks: account.euicc_callbacks === 1,
    date_created: apiDate(new Date(account.date_created)),
    url: `${publicUrl}/v1/Account`,
  });
}
