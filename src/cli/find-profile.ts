import type { EsimProfileRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { UserError } from './user-error.ts';

/** Throws `UserError` if the account has no such eSIM Profile. */
export async function findProfile(
  store: Store,
  accountSid: string,
  sid: string,
): Promise<EsimProfileRow> {
  const profile = await store.esimProfiles.find(accountSid, sid);
  if (profile === undefined) {
    throw new UserError(`There is no eSIM Profile ${sid} in account ${accountSid}`);
  }
  return profile;
}
