// §4.7, §5.6.2: the confirmation code of a download, as the eUICC has signed it.
import type { Context } from '../context.ts';
import { openConfirmationCodeDigest } from '../smdp/orders/confirmation-code.ts';
import { countConfirmationCode } from '../smdp/profile-state.ts';
import type { OrderedProfile } from '../store/ordered-profiles.ts';
import { CONFIRMATION_CODE_LIMIT } from '../smdp/download/ordered-profile.ts';
import { endOrder } from '../smdp/download/end-order.ts';
import type { EUICCSigned2 } from '../rsp/definitions/prepare-download.ts';
import { isHashCc } from '../rsp/hash-cc.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { RspSessionRow } from '../store/schema.ts';

/** §5.6.2: what is refused whatever the code is, also when the order has ended by wrong ones. */
export function checkMayTryConfirmationCode(
  { hashCc }: EUICCSigned2,
  { profile }: OrderedProfile,
): void {
  if (profile.confirmation_code === null) return;
  // → 8.2.7 / 2.2 mandatory element missing
  if (hashCc === undefined) {
    throw new FunctionExecutionError('8.2.7', '2.2', 'This profile asks for a confirmation code');
  }
  // → 8.2.7 / 6.4 maximum number of retries exceeded: then the right code is refused, too
  if (profile.confirmation_code_attempts >= CONFIRMATION_CODE_LIMIT) throw tooManyCodes();
}

function tooManyCodes(): FunctionExecutionError {
  return new FunctionExecutionError('8.2.7', '6.4', 'Too many wrong confirmation codes');
}

/** §5.6.2: hashCc. A wrong code leaves the session as it is, so that the user can try again. */
export async function checkConfirmationCode(
  { hashCc, transactionId }: EUICCSigned2,
  session: RspSessionRow,
  order: OrderedProfile,
  digest: string,
  context: Context,
): Promise<void> {
  const { profile } = order;
  const code = openConfirmationCodeDigest(profile, context.masterKey);
  if (code === undefined) return;
  if (hashCc !== undefined && isHashCc(hashCc, code, transactionId)) return;
  // → 8.2.7 / 3.8 refused
  const refused = new FunctionExecutionError('8.2.7', '3.8', 'The confirmation code is wrong');
  // The same call again, after its answer was lost: it has been counted.
  if (session.bind_digest === digest) throw refused;

  const exceeded = tooManyCodes();
  const attempts = profile.confirmation_code_attempts + 1;
  await context.transact(async (unit) => {
    const { tables } = unit;
    // The session before the profile, as in all transactions: two that wait for each other would be in deadlock.
    await tables.rspSessions.advance('authenticated', { ...session, bind_digest: digest });
    const counted = await countConfirmationCode(profile, unit);
    if (attempts < CONFIRMATION_CODE_LIMIT) return;
    const ended = { point: 'confirmationFailure', failure: exceeded } as const;
    await endOrder(counted, 'confirmationCode', ended, context, unit);
  });
  if (attempts < CONFIRMATION_CODE_LIMIT) throw refused;
  throw exceeded;
}
