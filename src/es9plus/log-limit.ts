// Calls that change nothing, refused or repeated, are logged too; a device that makes them without end fills no disk.
import type { Context } from '../context.ts';
import type { MasterKey } from '../process/keys.ts';
import { oncePer } from '../process/once-per.ts';
import { ShortMemory } from '../process/short-memory.ts';
import type { About } from '../smdp/download/ordered-profile.ts';

/** So many of one profile in so long; of more the server's log tells alone. */
const CALLS = 100;
const WITHIN_MS = 60 * 60 * 1000;
const PROFILES = 10_000;

const countsOf = oncePer(
  (_key: MasterKey) => new ShortMemory<{ calls: number }>(WITHIN_MS, PROFILES),
);

/** Counts one more of the profile. @returns whether it is one too many for the log */
export function isTooMuch(
  about: About | undefined,
  { masterKey }: Pick<Context, 'masterKey'>,
): boolean {
  if (about === undefined) return false;
  const memory = countsOf(masterKey);
  const counted = memory.get(about.order);
  if (counted === undefined) memory.set(about.order, { calls: 1 });
  else counted.calls += 1;
  return (counted?.calls ?? 1) > CALLS;
}
