// Verifies the whole audit log of a database, in short views.
import { AuditChain } from '../store/audit-log.ts';
import type { Snapshots } from '../store/snapshots.ts';
import type { MasterKey } from '../process/keys.ts';
import { auditKeysOf } from './audit-key.ts';
import { BEGINNING, checkNext } from './check.ts';
import type { AuditProblem, Place } from './check.ts';

export interface Walked {
  problems: AuditProblem[];
  examined: number;
  place: Place;
}

export async function* walkAuditLog(
  { read }: Pick<Snapshots, 'read'>,
  masterKey: MasterKey,
): AsyncIterable<Walked> {
  let place = BEGINNING;
  for (;;) {
    const slice = await read((db) => checkNext(place, new AuditChain(db), auditKeysOf(masterKey)));
    ({ place } = slice);
    yield slice;
    if (slice.isEnd) return;
  }
}
