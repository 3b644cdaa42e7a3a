// §5.6.3, §5.6.2: orders that are not downloaded in time expire, if SIMWRIGHT_ORDER_LIFETIME_DAYS is set.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { allEnded } from '../../store/together.ts';
import { apiDate } from '../../values/date.ts';
import { endOrder } from './end-order.ts';
import type { Reporter } from './progress.ts';
import type { Refusal } from './refusal.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

type Clock = Pick<Context, 'config' | 'now'>;

/** Whether the lifetime of an order is over, whether it has been ended yet or not. */
export function isExpired(profile: SubscriptionRow, clock: Clock): boolean {
  const limit = releaseLimit(clock);
  return limit !== undefined && profile.date_released !== null && profile.date_released <= limit;
}

/** → 8.8.5 / 4.10. Ends an order that was not downloaded. */
export function refusedByExpiry(profile: SubscriptionRow, context: Context): Refusal | undefined {
  if (!isExpired(profile, context)) return undefined;
  const refused = expired();
  // A delivered profile may be on the eUICC; only its notification can tell.
  if (profile.state !== 'Released') return { refused };
  return { refused, effect: (unit) => endExpired(profile, context, unit) };
}

export function expired(): FunctionExecutionError {
  return new FunctionExecutionError('8.8.5', '4.10', 'The order has expired');
}

/**
 * Ends up to `limit` expired orders that were not downloaded, oldest first.
 * @returns how many
 */
export async function endExpiredOrders(
  context: Pick<Context, 'transact' | 'now'> & Reporter,
  limit: number,
): Promise<number> {
  const date = releaseLimit(context);
  if (date === undefined) return 0;
  return context.transact(async (unit) => {
    const profiles = await unit.tables.subscriptions.claimReleased(date, limit);
    await allEnded(profiles.map((profile) => endExpired(profile, context, unit)));
    return profiles.length;
  });
}

function endExpired(profile: SubscriptionRow, reporter: Reporter, unit: Unit): Promise<void> {
  const days = reporter.config.orderLifetimeDays;
  const { subjectCode, reasonCode, message } = expired();
  const why = `${message}: not downloaded within ${days === 1 ? '1 day' : `${days} days`}`;
  const failure = { subjectCode, reasonCode, message: why };
  const point = 'eligibilityAndRetryLimitCheck';
  return endOrder(profile, 'expired', { point, failure }, reporter, unit);
}

/** Orders released at or before this date have expired. */
function releaseLimit({ config, now }: Clock): string | undefined {
  const days = config.orderLifetimeDays;
  return days === undefined ? undefined : apiDate(new Date(now().getTime() - days * DAY_MS));
}
