// Checks invariants one after the other, and counts what contradicts them.
import { sql } from 'kysely';
import { StoreDamaged } from '../store/errors.ts';
import type { Gathered } from './evidence.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';

export interface Verdict {
  invariant: Invariant;
  /** Rows that it has examined one by one. */
  examined: number;
  /** How many there are. */
  violations: number;
  /** The first of them. */
  shown: Violation[];
  /** What could not be examined, and why. */
  unexamined: string[];
}

interface Options {
  /** How many violations of an invariant are kept. */
  limit: number;
  /** @param done from 0 to 1 */
  progress?: (invariant: Invariant, done: number, rows: number) => void;
}

export async function* verify(
  gathered: Gathered,
  invariants: readonly Invariant[],
  { limit, progress }: Options,
): AsyncIterable<Verdict> {
  const total = progress === undefined ? 1 : await countRows(gathered, invariants);
  let rows = 0;
  for (const invariant of invariants) {
    const verdict: Verdict = { invariant, examined: 0, violations: 0, shown: [], unexamined: [] };
    progress?.(invariant, rows / total, rows);
    const evidence: Evidence = {
      ...gathered,
      examined(count) {
        verdict.examined += count;
        rows += count;
        progress?.(invariant, Math.min(rows / total, 1), rows);
      },
      unexamined: (why) => verdict.unexamined.push(why),
    };
    for await (const violation of withDamage(invariant.check(evidence))) {
      verdict.violations++;
      if (verdict.shown.length < limit) verdict.shown.push(violation);
    }
    yield verdict;
  }
}

/** What cannot be read contradicts any promise about it. */
async function* withDamage(violations: AsyncIterable<Violation>): AsyncIterable<Violation> {
  try {
    yield* violations;
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error;
    yield { accountSid: null, subject: 'database', problem: error.message };
  }
}

async function countRows(
  { snapshots }: Gathered,
  invariants: readonly Invariant[],
): Promise<number> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const table of invariants.flatMap(({ tables }) => tables)) {
    let count = counts.get(table);
    if (count === undefined) {
      const { rows } = await snapshots.read((db) =>
        sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db),
      );
      counts.set(table, (count = rows[0]!.count));
    }
    total += count;
  }
  return Math.max(total, 1);
}
