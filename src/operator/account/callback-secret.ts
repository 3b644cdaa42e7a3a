// The secrets that sign an account's callbacks with their time: docs/decisions/0045-callback-secrets.md.
import type { MasterKey } from '../../process/keys.ts';
import type { AccountRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';

/** Bytes; Standard Webhooks asks for 24 to 64. */
const SIZE = 32;
/** The prefix of secrets in Standard Webhooks. */
const PREFIX = 'whsec_';

/** How long, at most, the secret before the newest one may sign as well. */
export const OVERLAP_LIMIT_SECONDS = 7 * 24 * 60 * 60;
export const OVERLAP_SECONDS = 24 * 60 * 60;

type Account = Pick<AccountRow, 'sid' | 'callback_secret_number' | 'callback_secret_until'>;

/** The secrets of an account, as its receivers are told: `whsec_` and base64. */
export interface CallbackSecrets {
  secret: string;
  /** The one before, while it signs as well. */
  previous: { secret: string; until: string } | undefined;
}

export function callbackSecretsOf(
  account: Account,
  masterKey: MasterKey,
  now: Date,
): CallbackSecrets {
  const { callback_secret_number: number, callback_secret_until: until } = account;
  const text = (of: number) =>
    PREFIX + Buffer.from(derive(account.sid, of, masterKey)).toString('base64');
  const isInUse = until !== null && until > now.toISOString();
  return {
    secret: text(number),
    previous: isInUse ? { secret: text(number - 1), until } : undefined,
  };
}

/** The keys that sign now, newest first. */
export function callbackKeysOf(account: Account, masterKey: MasterKey, now: Date): Uint8Array[] {
  const { callback_secret_number: number, callback_secret_until: until } = account;
  const isInUse = until !== null && until > now.toISOString();
  const numbers = isInUse ? [number, number - 1] : [number];
  return numbers.map((of) => derive(account.sid, of, masterKey));
}

/**
 * Gives an account a new secret. The one before it signs as well for a while; the one before that no more.
 * @returns the account as it is then; undefined if there is no such account
 */
export async function rotateCallbackSecret(
  accountSid: string,
  overlapSeconds: number,
  { tables: { accounts }, now, audit }: Unit,
): Promise<AccountRow | undefined> {
  const account = await accounts.find(accountSid);
  if (account === undefined) return undefined;
  const until = new Date(now.getTime() + overlapSeconds * 1000).toISOString();
  const changed = {
    callback_secret_number: account.callback_secret_number + 1,
    callback_secret_until: overlapSeconds === 0 ? null : until,
  };
  await accounts.update(accountSid, changed);
  const { callback_secret_until: before_until } = changed;
  const after = { callback_secret: 'another', before_until };
  await audit(accountSid, { subject: accountSid, after });
  return { ...account, ...changed };
}

function derive(accountSid: string, number: number, masterKey: MasterKey): Uint8Array {
  return masterKey.derive(`callback secret ${accountSid} ${number}`, SIZE);
}
