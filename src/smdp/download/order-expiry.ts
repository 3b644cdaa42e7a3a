// §5.6.3, §5.6.2: an order that is not fetched in time expires, if SIMWRIGHT_ORDER_LIFETIME_DAYS says so.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatStatusCode } from '../../rsp/status-codes.ts';
import type { Unit } from '../../unit.ts';
import { allEnded } from '../../store/together.ts';
import { apiDate } from '../../values/date.ts';
import type { ProfileUnderOrder } from './ordered-profile.ts';
import { endOrder } from './end-order.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

type Clock = Pick<Context, 'config' | 'now'>;

/** Whether the lifetime of an order is over, ended or not. */
export function isExpired({ profile }: Pick<ProfileUnderOrder, 'profile'>, clock: Clock): boolean {
  const limit = releaseLimit(clock);
  return limit !== undefined && profile.date_released !== null && profile.date_released <= limit;
}

/** → 8.8.5 / 4.10. An order that nobody has downloaded ends with it. */
export async function checkOrderExpiry(order: ProfileUnderOrder, context: Context): Promise<void> {
  if (!isExpired(order, context)) return;
  // A profile that was delivered may be on the eUICC: its notification, and nothing else, tells.
  if (order.profile.state === 'Released') {
    await context.transact((unit) => endExpired(order, context, unit));
  }
  throw expired();
}

export function expired(): FunctionExecutionError {
  return new FunctionExecutionError('8.8.5', '4.10', 'The order has expired');
}

/**
 * Ends up to `limit` orders that have expired without anybody coming for them, the oldest first.
 * @returns how many
 */
export async function endExpiredOrders(
  context: Pick<Context, 'transact' | 'config' | 'now'>,
  limit: number,
): Promise<number> {
  const date = releaseLimit(context);
  if (date === undefined) return 0;
  return context.transact(async (unit) => {
    const { tables } = unit;
    const profiles = await tables.subscriptions.claimReleased(date, limit);
    const ended = await allEnded(
      profiles.map(async (profile) => {
        const esimProfile = await tables.esimProfiles.find(
          profile.account_sid,
          profile.ordered_by ?? '',
        );
        if (esimProfile === undefined) return 0;
        await endExpired({ profile, esimProfile }, context, unit);
        return 1;
      }),
    );
    return ended.filter((count) => count === 1).length;
  });
}

function endExpired(
  order: ProfileUnderOrder,
  { config }: Pick<Clock, 'config'>,
  unit: Unit,
): Promise<void> {
  const days = config.orderLifetimeDays;
  const detail = `not downloaded within ${days === 1 ? '1 day' : `${days} days`}`;
  const refusal = expired();
  const error = { error_code: formatStatusCode(refusal), error_message: refusal.message };
  return endOrder(order, 'expired', error, { cause: 'order expired', detail }, unit);
}

/** What was released then or before has expired. */
function releaseLimit({ config, now }: Clock): string | undefined {
  const days = config.orderLifetimeDays;
  return days === undefined ? undefined : apiDate(new Date(now().getTime() - days * DAY_MS));
}
