// Ending an order without its profile being installed.
import type { EndedReason, SubscriptionRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
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
  const ended = { ended_reason: reason, known_absent: isAbsent ? (1 as const) : (0 as const) };
  await allEnded([
    changeState(profile, 'Error', ended, unit),
    reportProgress(profile, { ...learned, status: failedWith(failure) }, reporter, unit),
  ]);
}
