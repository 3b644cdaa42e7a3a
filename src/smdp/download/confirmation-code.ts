// §4.7, §5.6.2: checks the confirmation code of a download, signed by the eUICC.
import type { Context } from '../../context.ts';
import type { EUICCSigned2 } from '../../rsp/definitions/prepare-download.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { isHashCc } from '../../rsp/hash-cc.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import { openConfirmationCodeDigest } from '../orders/confirmation-code.ts';
import { countConfirmationCode } from '../profile-state.ts';
import { endOrder } from './end-order.ts';
import { reportStep, warnedOf } from './progress.ts';
import type { Refusal } from './refusal.ts';

/** Number of wrong confirmation codes that an order allows. */
export const CONFIRMATION_CODE_LIMIT = 5;

/** §5.6.2: refusals that do not depend on the code, including an order ended by wrong codes. */
export function refusedWithoutLooking(
  { hashCc }: EUICCSigned2,
  profile: SubscriptionRow,
): Refusal | undefined {
  if (profile.confirmation_code === null) return undefined;
  // → 8.2.7 / 2.2 mandatory element missing
  if (hashCc === undefined) {
    const message = 'This profile requires a confirmation code';
    return { refused: new FunctionExecutionError('8.2.7', '2.2', message) };
  }
  // → 8.2.7 / 6.4 maximum number of retries exceeded: then the right code is refused, too
  if (profile.confirmation_code_attempts < CONFIRMATION_CODE_LIMIT) return undefined;
  return { refused: tooManyCodes() };
}

function tooManyCodes(): FunctionExecutionError {
  return new FunctionExecutionError('8.2.7', '6.4', 'Too many wrong confirmation codes');
}

/**
 * §5.6.2: hashCc. A wrong code is counted, but does not change the session, so the user can try again.
 * @param isCounted whether the same call was refused before
 */
export function refusedByConfirmationCode(
  { hashCc, transactionId }: EUICCSigned2,
  profile: SubscriptionRow,
  isCounted: boolean,
  context: Context,
): Refusal | undefined {
  const code = openConfirmationCodeDigest(profile, context.masterKey);
  if (code === undefined) return undefined;
  if (hashCc !== undefined && isHashCc(hashCc, code, transactionId)) return undefined;
  // → 8.2.7 / 3.8 refused
  const refused = new FunctionExecutionError('8.2.7', '3.8', 'The confirmation code is wrong');
  if (isCounted) return { refused };
  const isLast = profile.confirmation_code_attempts + 1 >= CONFIRMATION_CODE_LIMIT;
  const exceeded = tooManyCodes();
  return {
    refused: isLast ? exceeded : refused,
    async effect(unit) {
      const counted = await countConfirmationCode(profile, unit);
      const point = 'confirmationFailure';
      if (!isLast) return reportStep(counted, { point, status: warnedOf(refused) }, unit);
      const ended = { point, failure: exceeded } as const;
      await endOrder(counted, 'confirmationCode', ended, context, unit);
    },
  };
}
