import type { Pki, SmdpIdentity } from '../profile/pki.ts';
import type { RspSessionRow } from '../store/schema.ts';
import { hex } from './es9-call.ts';

/** The certificates that a session was begun with. They may be gone when certificates were changed since. */
export function identityOf(session: RspSessionRow, pki: Pki): SmdpIdentity {
  const identity = findIdentity(session, pki);
  if (identity === undefined) throw new Error(`no certificates under CI ${session.dp_ci_pk_id}`);
  return identity;
}

export function findIdentity(session: RspSessionRow, pki: Pki): SmdpIdentity | undefined {
  return pki.identities.find(({ ciPKId }) => hex(ciPKId) === session.dp_ci_pk_id);
}
