// An order that ends without its profile being installed: at the SM-DP+ and in the API, in one transaction.
import type { LearnedFields } from '../../operator/esim-profile.ts';
import { changeStatus } from '../../operator/esim-profile.ts';
import type { Cause } from '../../operator/esim-profile.ts';
import { apiDate } from '../../values/date.ts';
import type { ProfileUnderOrder } from './ordered-profile.ts';
import type { Unit } from '../../unit.ts';

/** The profile's state becomes Error, the API's status `failed`. */
export async function endOrder(
  { profile, esimProfile }: ProfileUnderOrder,
  error: Required<Pick<LearnedFields, 'error_code' | 'error_message'>>,
  cause: Cause,
  unit: Unit,
): Promise<void> {
  await unit.tables.subscriptions.transitionCounted(profile, {
    ...profile,
    state: 'Error',
    euicc_otpk: null,
    smdp_otsk: null,
    date_updated: apiDate(unit.now),
  });
  await changeStatus(esimProfile, 'failed', error, cause, unit);
}
