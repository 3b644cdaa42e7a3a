import type { Pki, SmdpIdentity } from '../smdp/pki/pki.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { RspSessionRow } from '../store/schema.ts';
import { hex } from './es9-call.ts';

/** The certificates that a session was begun with. Throws 8.8.4 / 3.7 when they have expired since. */
export function identityOf(session: RspSessionRow, pki: Pki): SmdpIdentity {
  const identity = findIdentity(session, pki);
  if (identity !== undefined) return identity;
  throw new FunctionExecutionError(
    '8.8.4',
    '3.7',
    'The certificates of this session are no longer valid here',
  );
}

/** They may be gone when certificates were changed since. */
export function findIdentity(session: RspSessionRow, pki: Pki): SmdpIdentity | undefined {
  return pki.identities.find(({ ciPKId }) => hex(ciPKId) === session.dp_ci_pk_id);
}
