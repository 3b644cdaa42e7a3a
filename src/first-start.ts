// What a database must hold before the server starts: a proof of its master key, and an account.
import type { Context } from './context.ts';
import { KEY_CHECK } from './process/keys.ts';
import { adoptRing } from './rotation/ring.ts';
import type { Data } from './data.ts';
import { within } from './process/request-scope.ts';
import type { Unit } from './unit.ts';
import { createAccount } from './operator/account/account.ts';
import { generateTestStock } from './smdp/stock/test-stock.ts';

const FIRST_START = 'first_start';

/** Makes the master key that of the database. Throws `StoreMismatch` when the database belongs to another one. */
export async function proveMasterKey({ store, masterKey, transact }: Data): Promise<void> {
  const find = (name: string) => store.settings.find(name);
  if ((await find(KEY_CHECK)) === undefined) {
    await transact(({ tables }) =>
      tables.settings.insert(KEY_CHECK, masterKey.seal(KEY_CHECK, KEY_CHECK)),
    );
  }
  await adoptRing(masterKey, find);
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
