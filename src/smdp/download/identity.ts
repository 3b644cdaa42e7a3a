import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { identitiesFor } from '../pki/identities.ts';
import type { Pki, SmdpIdentity } from '../pki/pki.ts';
import type { Begun } from './session.ts';

/** The certificates with which a session began. Throws 8.8.4 / 3.7 if they have expired since. */
export function identityOf(session: Begun, pki: Pki): SmdpIdentity {
  const identity = findIdentity(session, pki);
  if (identity !== undefined) return identity;
  throw new FunctionExecutionError(
    '8.8.4',
    '3.7',
    'The certificates of this session are no longer valid here',
  );
}

/** Undefined if the certificates have been replaced since. */
export function findIdentity({ dpCiPKId, dateCreated }: Begun, pki: Pki): SmdpIdentity | undefined {
  return identitiesFor(pki, new Date(dateCreated)).find(({ ciPKIdHex }) => ciPKIdHex === dpCiPKId);
}
