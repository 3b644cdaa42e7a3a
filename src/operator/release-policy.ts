// Releases a subscription again by itself when its device has reported that it does not have the profile, if the account
// wants that.
import type { EsimProfileRow, ReleaseAgain } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { SmdpRefused } from './order-at-smdp.ts';
import type { ChangeContext } from './order-change.ts';
import { ChangeRefused } from './order-change.ts';
import { releaseAgain } from './replace-order.ts';

export const RELEASE_AGAIN = [
  'off',
  'failure',
  'deletion',
  'both',
] as const satisfies ReleaseAgain[];

/** A device that fails each time, at its default SM-DP+ without being asked, must not order without end. */
const FAILURES_IN_A_ROW = 3;

const CAUSES = {
  failure: 'released again after the installation failed',
  deletion: 'released again after the device deleted it',
};

/** Does nothing if the account does not want it, or the SM-DP+ refuses. */
export async function releaseByPolicy(
  old: EsimProfileRow,
  why: keyof typeof CAUSES,
  context: ChangeContext,
  unit: Unit,
): Promise<void> {
  const account = await unit.tables.accounts.find(old.account_sid);
  const policy = account?.release_again ?? 'off';
  if (policy !== why && policy !== 'both') return;
  if (why === 'failure' && (await hasFailedTooOften(old, unit))) return;
  const cause = { cause: CAUSES[why] };
  if (context.rented !== undefined) return context.rented.queueRelease(old, cause, unit);
  try {
    await releaseAgain(old, {}, cause, context, unit);
  } catch (error) {
    if (!(error instanceof ChangeRefused) && !(error instanceof SmdpRefused)) throw error;
  }
}

async function hasFailedTooOften(
  { account_sid: accountSid, replaces_sid: replaced }: EsimProfileRow,
  { tables }: Unit,
): Promise<boolean> {
  let sid = replaced;
  for (let failures = 1; failures < FAILURES_IN_A_ROW; failures++) {
    const before = sid === null ? undefined : await tables.esimProfiles.find(accountSid, sid);
    if (before?.status !== 'failed') return false;
    sid = before.replaces_sid;
  }
  return true;
}
