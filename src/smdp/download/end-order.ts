// An order that ends without its profile being installed: at the SM-DP+ and in the API, in one transaction.
import type { LearnedFields } from '../../operator/esim-profile.ts';
import { changeStatus } from '../../operator/esim-profile.ts';
import type { Cause } from '../../operator/esim-profile.ts';
import { changeState } from '../profile-state.ts';
import type { ProfileUnderOrder } from './ordered-profile.ts';
import type { EndedReason } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';

/** The profile's state becomes Error, the API's status `failed`. */
export async function endOrder(
  { profile, esimProfile }: ProfileUnderOrder,
  reason: EndedReason,
  error: Required<Pick<LearnedFields, 'error_code' | 'error_message'>>,
  cause: Cause,
  unit: Unit,
): Promise<void> {
  await changeState(profile, 'Error', { ended_reason: reason }, unit);
  await changeStatus(esimProfile, 'failed', error, cause, unit);
}
