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

type Account = Pick<
  AccountRow,
  | 'sid'
  | 'callback_secret_number'
  | 'callback_secret_until'
  | 'callback_secret_key'
  | 'callback_secret_key_before'
>;

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
  const { callback_secret_until: until } = account;
  const [secret, previous] = callbackKeysOf(account, masterKey, now).map(
    (key) => PREFIX + Buffer.from(key).toString('base64'),
  );
  return {
    secret: secret!,
    previous: previous === undefined ? undefined : { secret: previous, until: until! },
  };
}

/** The keys that sign now, newest first. */
export function callbackKeysOf(account: Account, masterKey: MasterKey, now: Date): Uint8Array[] {
  const { callback_secret_number: number, callback_secret_until: until } = account;
  const isInUse = until !== null && until > now.toISOString();
  const { callback_secret_key: key, callback_secret_key_before: before } = account;
  const derive = (of: number, id: string | null) =>
    masterKey.derive(`callback secret ${account.sid} ${of}`, SIZE, id ?? masterKey.firstId);
  return isInUse ? [derive(number, key), derive(number - 1, before)] : [derive(number, key)];
}

/**
 * Gives an account a new secret, derived from the master key that seals now. The one before it signs as well for a while; the one before that no more.
 * @returns the account as it is then; undefined if there is no such account
 */
export async function rotateCallbackSecret(
  accountSid: string,
  overlapSeconds: number,
  masterKey: MasterKey,
  { tables: { accounts }, now, audit }: Unit,
): Promise<AccountRow | undefined> {
  const account = await accounts.find(accountSid);
  if (account === undefined) return undefined;
  const until = new Date(now.getTime() + overlapSeconds * 1000).toISOString();
  const changed = {
    callback_secret_number: account.callback_secret_number + 1,
    callback_secret_until: overlapSeconds === 0 ? null : until,
    callback_secret_key: masterKey.derivingId,
    callback_secret_key_before: account.callback_secret_key,
  };
  await accounts.update(accountSid, changed);
  const { callback_secret_until: before_until } = changed;
  const after = { callback_secret: 'another', before_until };
  await audit(accountSid, { subject: accountSid, after });
  return { ...account, ...changed };
}
