// Refused and repeated calls are logged too, but limited, so that a device repeating them endlessly cannot fill the
// disk.
import type { Context } from '../context.ts';
import type { MasterKey } from '../process/keys.ts';
import { partOf } from '../process/peers.ts';
import { oncePer } from '../process/once-per.ts';
import { ShortMemory } from '../process/short-memory.ts';
import type { About } from '../smdp/download/ordered-profile.ts';

/** Limit per profile, period and server; further calls appear only in the server's log. */
const CALLS = 100;
const WITHIN_MS = 60 * 60 * 1000;
const PROFILES = 10_000;

const countsOf = oncePer(
  (_key: MasterKey) => new ShortMemory<{ calls: number }>(WITHIN_MS, PROFILES),
);

/** Counts a call about the profile. @returns whether it exceeds the limit */
export function isTooMuch(
  about: About | undefined,
  { masterKey, peers }: Pick<Context, 'masterKey' | 'peers'>,
): boolean {
  if (about === undefined) return false;
  const memory = countsOf(masterKey);
  const counted = memory.get(about.order);
  if (counted === undefined) memory.set(about.order, { calls: 1 });
  else counted.calls += 1;
  return (counted?.calls ?? 1) > partOf(CALLS, peers);
}
