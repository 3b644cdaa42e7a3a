import type { Kysely } from 'kysely';
import { LINK_LIFETIME } from '../operator/install/install-link.ts';
import type { InstallLinkRow, Tables } from '../store/schema.ts';
import type { Invariant, Violation } from './invariant.ts';
import { violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

export const links: Invariant = {
  name: 'links',
  promise:
    'Every install link is of an eSIM Profile that exists, holds only the hash of its token, and ends in time.',
  tables: ['install_links'],
  check: (evidence) => walk(evidence, 'install_links', judge),
};

const HASH = /^[0-9a-f]{64}$/;

async function judge(rows: InstallLinkRow[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.esim_profile_sid);
  const profiles = await findRelated(db, 'esim_profiles', 'sid', asked, ['sid']);
  return rows.flatMap((row) => {
    const { esim_profile_sid: sid, date_created: created, date_expires: expires } = row;
    const problems: string[] = [];
    if (profiles.one(row, sid) === undefined) {
      problems.push(`its eSIM Profile ${sid} does not exist`);
    }
    if (!HASH.test(row.token_hash)) problems.push('it has no hash of a token');
    if (Date.parse(expires) > Date.parse(created) + LINK_LIFETIME.mostMs) {
      problems.push(`it is of ${created} and expires at ${expires}, which is too late`);
    }
    return problems.map((problem) => violation(row, row.sid, problem));
  });
}
