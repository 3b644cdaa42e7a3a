import type { Store } from '../store/store.ts';
import { UserError } from './user-error.ts';

/** @returns the SID of the named account, or of the only one */
export async function chooseAccount(store: Store, named: string | undefined): Promise<string> {
  if (named !== undefined) {
    const account = await store.accounts.find(named);
    if (account === undefined) throw new UserError(`There is no account ${named}`);
    return account.sid;
  }
  const accounts = await store.accounts.list();
  if (accounts.length === 0) {
    throw new UserError('There are no accounts yet; create one with: simwright account create');
  }
  if (accounts.length === 1) return accounts[0]!.sid;
  const list = accounts.map(({ sid, friendly_name }) => `\n  ${sid}  ${friendly_name}`);
  throw new UserError(`There are several accounts; choose one with --account:${list.join('')}`);
}
