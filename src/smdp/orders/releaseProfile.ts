// §5.3.4 ES2+.ReleaseProfile: makes a confirmed profile available for download.
import type { ProfileState } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { changeState } from '../profile-state.ts';
import type { OrderContext } from './order-context.ts';
import { getOrdered } from './order-context.ts';
import { isRepeated, remembering } from './repetition.ts';

export async function releaseProfile(
  request: Es2PlusRequest<'releaseProfile'>,
  context: OrderContext,
): Promise<void> {
  const profile = await getOrdered(request.iccid, context);
  // A repeated call, after its response was lost, gets the same response.
  const isRepetition = isRepeated(profile, 'releaseProfile', request, context);
  if (RELEASED.includes(profile.state) && isRepetition) return;
  if (profile.state !== 'Confirmed') {
    // §5.3.4: only a confirmed profile can be released → 8.2.1 / 3.5
    throw new FunctionExecutionError(
      '8.2.1',
      '3.5',
      `ICCID ${profile.iccid} is ${profile.state}, not Confirmed`,
    );
  }
  const { unit } = context;
  const learned = {
    date_released: apiDate(unit.now),
    ...remembering(profile, 'releaseProfile', request, context),
  };
  await changeState(profile, 'Released', learned, unit);
}

/** States of an order that was released, and goes on. */
const RELEASED: readonly ProfileState[] = ['Released', 'Downloaded', 'Installed'];
