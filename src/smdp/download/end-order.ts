// Ending an order without its profile being installed.
import type { EndedReason, SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { changeState } from '../profile-state.ts';
import type { Failure, Progress, Reporter } from './progress.ts';
import { failedWith, reportProgress } from './progress.ts';

/** Sets the profile's state to Error, and reports to the operator. */
export async function endOrder(
  profile: SubscriptionRow,
  reason: EndedReason,
  { failure, ...learned }: Omit<Progress, 'status'> & { failure: Failure },
  reporter: Reporter,
  unit: Unit,
): Promise<void> {
  // Only the eUICC can say so of a package that has left.
  const isAbsent = profile.state === 'Released' || reason === 'installation';
  const ended = await changeState(
    profile,
    'Error',
    { ended_reason: reason, known_absent: isAbsent ? 1 : 0 },
    unit,
  );
  await reportProgress(ended, { ...learned, status: failedWith(failure) }, reporter, unit);
}
