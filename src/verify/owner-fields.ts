import type { Kysely } from 'kysely';
import { parseMetadata } from '../operator/owner-fields.ts';
import type { EsimProfileMetadataRow, EsimProfileRow, Tables } from '../store/schema.ts';
import { ignoringCase } from '../values/ignoring-case.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Profile = Pick<
  EsimProfileRow,
  'account_sid' | 'sid' | 'friendly_name' | 'friendly_name_folded' | 'metadata'
>;

export const ownerFields: Invariant = {
  name: 'ownerFields',
  promise:
    'Every eSIM Profile is found by its friendly name and by each key of its metadata, and by no other.',
  tables: ['esim_profiles', 'esim_profile_metadata'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', judgeProfiles, {
        columns: ['friendly_name', 'friendly_name_folded', 'metadata'],
      }),
      walk(evidence, 'esim_profile_metadata', judgePairs),
    ),
};

async function judgeProfiles(rows: Profile[], db: Kysely<Tables>): Promise<Violation[]> {
  const misnamed = rows.filter(
    ({ friendly_name: name, friendly_name_folded: folded }) =>
      folded !== (name === null ? null : ignoringCase(name)),
  );
  const missing: Violation[] = [];
  for (const row of rows) {
    for (const [name, value] of Object.entries(parseMetadata(row.metadata))) {
      const found = await db
        .selectFrom('esim_profile_metadata')
        .select('sid')
        .where('account_sid', '=', row.account_sid)
        .where('name', '=', name)
        .where('value', '=', value)
        .where('sid', '=', row.sid)
        .executeTakeFirst();
      if (found !== undefined) continue;
      missing.push(violation(row, row.sid, `it is not found by its metadata ${name}`));
    }
  }
  return [
    ...misnamed.map((row) => violation(row, row.sid, 'it is found by another friendly name')),
    ...missing,
  ];
}

async function judgePairs(
  rows: EsimProfileMetadataRow[],
  db: Kysely<Tables>,
): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const profiles = await findRelated(db, 'esim_profiles', 'sid', asked, ['metadata']);
  return rows
    .filter((row) => {
      const metadata = parseMetadata(profiles.one(row, row.sid)?.metadata ?? null);
      return !Object.hasOwn(metadata, row.name) || metadata[row.name] !== row.value;
    })
    .map((row) => violation(row, row.sid, `it is found by ${row.name}, which it does not have`));
}
