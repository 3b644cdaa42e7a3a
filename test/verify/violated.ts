// What a database violates, as `simwright verify` finds it.
import type { DatabaseConfig } from '../../src/config.ts';
import type { MasterKey } from '../../src/process/keys.ts';
import { openSnapshots } from '../../src/store/open.ts';
import { gatherEvidence } from '../../src/verify/evidence.ts';
import type { Invariant } from '../../src/verify/invariant.ts';
import { INVARIANTS } from '../../src/verify/invariants.ts';
import { verify } from '../../src/verify/verify.ts';
import type { Verdict } from '../../src/verify/verify.ts';

export async function verdictsOf(
  config: DatabaseConfig,
  masterKey: MasterKey,
  invariants: readonly Invariant[] = INVARIANTS,
): Promise<Verdict[]> {
  const snapshots = await openSnapshots(config);
  try {
    const gathered = await gatherEvidence(snapshots, masterKey);
    return await Array.fromAsync(verify(gathered, invariants, { limit: 100 }));
  } finally {
    await snapshots.close();
  }
}

/** `INVARIANT: SUBJECT: PROBLEM` of each violation. */
export async function violated(...args: Parameters<typeof verdictsOf>): Promise<string[]> {
  const verdicts = await verdictsOf(...args);
  return verdicts.flatMap(({ invariant, shown }) =>
    shown.map(({ subject, problem }) => `${invariant.name}: ${subject}: ${problem}`),
  );
}
