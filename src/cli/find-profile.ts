import type { EsimProfileRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { UserError } from './user-error.ts';

/** The account has no such eSIM Profile. */
export class NotFound extends UserError {
  constructor(accountSid: string, sid: string) {
    super(`There is no eSIM Profile ${sid} in account ${accountSid}`);
  }
}

/** Throws `UserError` if the account has no such eSIM Profile. */
export async function findProfile(
  store: Store,
  accountSid: string,
  sid: string,
): Promise<EsimProfileRow> {
  const profile = await store.esimProfiles.find(accountSid, sid);
  if (profile === undefined) throw new NotFound(accountSid, sid);
  return profile;
}
