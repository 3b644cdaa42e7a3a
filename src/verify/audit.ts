import { walkAuditLog } from '../audit/walk.ts';
import type { Invariant } from './invariant.ts';

export const audit: Invariant = {
  name: 'audit',
  promise:
    'Every entry of the audit log is as it was entered, and every seal has the hash of the one before: none is missing, ' +
    'inserted or elsewhere.',
  tables: ['audit_entries', 'audit_seals'],
  async *check({ snapshots, masterKey, examined }) {
    for await (const slice of walkAuditLog(snapshots, masterKey)) {
      examined(slice.examined);
      yield* slice.problems;
    }
  },
};
