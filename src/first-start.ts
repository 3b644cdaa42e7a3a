// What a database must hold before the server starts: a proof of its master key, and an account.
import type { Context } from './context.ts';
import { KEY_CHECK, OTHER_KEY, SealError } from './process/keys.ts';
import { StoreMismatch } from './store/errors.ts';
import type { Data } from './data.ts';
import { within } from './process/request-scope.ts';
import type { Unit } from './unit.ts';
import { createAccount } from './operator/account/account.ts';
import { generateTestStock } from './smdp/stock/test-stock.ts';

const FIRST_START = 'first_start';

/** Throws `StoreMismatch` when the database belongs to another master key. */
export async function checkMasterKey({ store, masterKey, transact }: Data): Promise<void> {
  let check = await store.settings.find(KEY_CHECK);
  if (check === undefined) {
    await transact(({ tables }) =>
      tables.settings.insert(KEY_CHECK, masterKey.seal(KEY_CHECK, KEY_CHECK)),
    );
    check = await store.settings.find(KEY_CHECK);
  }
  try {
    masterKey.open(check!, KEY_CHECK);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new StoreMismatch(OTHER_KEY, { cause });
  }
}

export interface FirstAccount {
  accountSid: string;
  /** In clear. */
  authToken: string;
}

/**
 * Creates the first account and its test stock, once per database however many nodes start. An account named in the
 * settings is created whenever it is missing.
 * @returns the account that was created, if any
 */
export async function firstStart(
  settings: { account: { sid: string; authToken: string } | undefined; testStock: number },
  { masterKey, transact }: Pick<Context, 'masterKey' | 'transact'>,
): Promise<FirstAccount | undefined> {
  const act = { operation: 'first start', by: { type: 'server' } } as const;
  const begin = async (unit: Unit) => {
    const first = await unit.tables.settings.insert(FIRST_START, unit.now.toISOString());
    if (!first && settings.account === undefined) return undefined;
    const created = await createAccount(
      { friendlyName: 'First account', ...settings.account },
      masterKey,
      unit,
    );
    if (created === undefined) return undefined;
    const { account, authToken } = created;
    if (first && settings.testStock > 0) {
      await generateTestStock(account.sid, settings.testStock, undefined, masterKey, unit);
    }
    return { accountSid: account.sid, authToken };
  };
  return within(act, () => transact(begin));
}
