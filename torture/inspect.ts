// The end of every trial: what `simwright verify --acknowledged` says of the database.
import type { DatabaseConfig } from '../src/config.ts';
import type { MasterKey } from '../src/process/keys.ts';
import { openSnapshots } from '../src/store/open.ts';
import { acknowledged } from '../src/verify/acknowledged.ts';
import { gatherEvidence } from '../src/verify/evidence.ts';
import { INVARIANTS } from '../src/verify/invariants.ts';
import { verify } from '../src/verify/verify.ts';

export interface Inspection {
  /** Rows that were examined one by one. */
  examined: number;
  /** `INVARIANT: SUBJECT: PROBLEM` of each violation, at most 100 of an invariant. */
  violations: string[];
}

/**
 * @param told resources that the API answered with 2xx, as in `World.acknowledge`
 * @param now the time of the trial, if that is not the time of the database
 */
export async function inspect(
  database: DatabaseConfig,
  masterKey: MasterKey,
  told: readonly object[],
  now?: Date,
): Promise<Inspection> {
  const snapshots = await openSnapshots(database);
  try {
    const gathered = await gatherEvidence(snapshots, masterKey);
    const evidence = now === undefined ? gathered : { ...gathered, now, lastWritten: now };
    const invariants = [...INVARIANTS, acknowledged(linesOf(told))];
    const inspection: Inspection = { examined: 0, violations: [] };
    for await (const verdict of verify(evidence, invariants, { limit: 100 })) {
      inspection.examined += verdict.examined;
      for (const { subject, problem } of verdict.shown) {
        inspection.violations.push(`${verdict.invariant.name}: ${subject}: ${problem}`);
      }
    }
    return inspection;
  } finally {
    await snapshots.close();
  }
}

async function* linesOf(told: readonly object[]): AsyncIterable<string> {
  for (const resource of told) yield JSON.stringify(resource);
}
