import type { Kysely } from 'kysely';
import type { EsimProfileRow, Tables } from '../store/schema.ts';
import { violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Order = Pick<
  EsimProfileRow,
  'account_sid' | 'sid' | 'status' | 'replaces_sid' | 'replaced_by_sid'
>;

export const replacements: Invariant = {
  name: 'replacements',
  promise:
    'An order that replaces another one and the one that it replaces name each other, and the replaced one has ended.',
  tables: ['esim_profiles'],
  check: (evidence) =>
    walk(evidence, 'esim_profiles', judge, {
      columns: ['status', 'replaces_sid', 'replaced_by_sid'],
    }),
};

async function judge(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = [
    ...valuesOf(rows, (row) => row.replaces_sid),
    ...valuesOf(rows, (row) => row.replaced_by_sid),
  ];
  const others = await findRelated(db, 'esim_profiles', 'sid', asked, [
    'sid',
    'replaces_sid',
    'replaced_by_sid',
  ]);
  return rows.flatMap((row) => {
    const { sid, status, replaces_sid: older, replaced_by_sid: newer } = row;
    const problems: string[] = [];
    if (older !== null && others.one(row, older)?.replaced_by_sid !== sid) {
      problems.push(`it replaces ${older}, which does not say so`);
    }
    if (newer !== null && others.one(row, newer)?.replaces_sid !== sid) {
      problems.push(`it is replaced by ${newer}, which does not say so`);
    }
    if (newer !== null && status !== 'failed' && status !== 'installed') {
      problems.push(`it is replaced by ${newer}, but has not ended: it is ${status}`);
    }
    return problems.map((problem) => violation(row, sid, problem));
  });
}
