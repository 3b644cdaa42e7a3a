// A test of a receiver: a callback that tells nothing, sent as the others are, whose outcome is returned instead of recorded.
import type { Context } from '../context.ts';
import { testParameters } from '../operator/callback.ts';
import type { CallbackParameters } from '../outgoing/enqueue-callback.ts';
import { partOf } from '../process/peers.ts';
import { RateLimit } from '../process/rate-limit.ts';
import type { AccountRow, CallbackRow } from '../store/schema.ts';
import { sendSigned } from './attempt.ts';
import type { Lookups } from '../outgoing/lookups.ts';
import type { Outcome } from './send.ts';
import type { Slots } from '../outgoing/slots.ts';

/** Tests of an account per minute, on each node. */
const TESTS_PER_MINUTE = 10;
/** Accounts remembered. */
const ACCOUNTS = 10_000;

/** Where it goes; the URL as it is stored. */
export type TestTarget = Pick<CallbackRow, 'url' | 'method'>;

export interface TestedReceiver {
  /** The id that it was sent with. */
  sid: string;
  parameters: CallbackParameters;
  started: Date;
  durationMs: number;
  outcome: Outcome;
}

/** @returns the outcome, or, of one account too many at once, the seconds after which to try again */
export type TestReceiver = (
  account: AccountRow,
  target: TestTarget,
) => Promise<TestedReceiver | { waitSeconds: number }>;

/** Tests within the limits of a server. @param slots those of its callbacks: a test takes one of them */
export function limitedTests(
  slots: Slots,
  lookups: Lookups,
  context: Pick<Context, 'config' | 'masterKey' | 'now' | 'sids' | 'peers'>,
): TestReceiver {
  const units = partOf(TESTS_PER_MINUTE, context.peers);
  const limit = new RateLimit({ units, perMs: 60_000, callers: ACCOUNTS });
  const running = new Set<string>();
  return async (account, target) => {
    if (running.has(account.sid)) return { waitSeconds: 1 };
    const place = slots.take(account.sid, new URL(target.url).origin);
    if (place === undefined) return { waitSeconds: 1 };
    const waitSeconds = limit.take(account.sid, 1);
    running.add(account.sid);
    try {
      return waitSeconds > 0
        ? { waitSeconds }
        : await testReceiver(account, target, lookups, context);
    } finally {
      running.delete(account.sid);
      place.end(waitSeconds === 0);
    }
  };
}

/** Sends one test. */
export async function testReceiver(
  account: AccountRow,
  { url, method }: TestTarget,
  lookups: Lookups,
  { config, masterKey, now, sids }: Pick<Context, 'config' | 'masterKey' | 'now' | 'sids'>,
): Promise<TestedReceiver> {
  const started = now();
  const parameters = testParameters(account.sid, started);
  const sid = sids.next('callback', started);
  const message = {
    account_sid: account.sid,
    sid,
    url,
    method,
    parameters: JSON.stringify(parameters),
  };
  const outcome = await sendSigned(message, account, started, lookups, { config, masterKey });
  return { sid, parameters, started, durationMs: now().getTime() - started.getTime(), outcome };
}
