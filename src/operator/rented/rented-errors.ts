// What keeps a change from being carried out at a rented SM-DP+, besides what it refuses.
import type { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import type { Es2PlusTaskRow } from '../../store/schema.ts';
import { SmdpRefused } from '../order-at-smdp.ts';

/** Another change of the order is under way, or this one by another process. */
export class ChangeUnderWay extends Error {
  override name = 'ChangeUnderWay';

  constructor({ subject, problem }: Es2PlusTaskRow) {
    super(
      `A change of ${subject} is being carried out at the SM-DP+` +
        (problem === null ? '' : `, which does not answer: ${problem}`),
    );
  }
}

/** The SM-DP+ gives no answer. */
export class SmdpUnavailable extends Error {
  override name = 'SmdpUnavailable';
  /** Whether the change goes on by itself, once the SM-DP+ answers; otherwise nothing was changed. */
  readonly goesOn: boolean;

  constructor({ message }: PeerUnavailable, goesOn: boolean) {
    super(`The SM-DP+ does not answer: ${message}`);
    this.goesOn = goesOn;
  }
}

/** Whether the SM-DP+ has to answer, or another process to be done, before it goes on. */
export const mustWait = (error: unknown): error is SmdpUnavailable | ChangeUnderWay =>
  error instanceof SmdpUnavailable || error instanceof ChangeUnderWay;

/** A sentence about what became of a change that was not carried out. */
export function outcomeOf(error: SmdpRefused | SmdpUnavailable): string {
  if (error instanceof SmdpUnavailable && error.goesOn) {
    return 'The change goes on by itself once it does, as the history will show';
  }
  if (error instanceof SmdpRefused && error.hasEnded) {
    return 'What was done before cannot be taken back, so the order has ended: it is failed';
  }
  return 'Nothing was changed';
}
