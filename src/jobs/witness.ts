// Witnesses how far the database has got, so that one that was replaced by an earlier copy of itself is noticed.
import type { Context } from '../context.ts';
import { keepWitness } from '../past/witness.ts';
import type { Job } from './job.ts';

const EVERY_MS = 60_000;

export function witness({
  config,
  transact,
  log,
}: Pick<Context, 'config' | 'transact' | 'log'>): Job {
  let isWarned = false;
  return {
    name: 'witness',
    everyMs: EVERY_MS,
    async turn() {
      try {
        await keepWitness(config, transact);
        isWarned = false;
      } catch (error) {
        if (!(error instanceof Error && 'syscall' in error)) throw error;
        if (!isWarned) {
          log.warn(
            { cause: error.message },
            'the file that tells whether the database was restored cannot be written',
          );
        }
        isWarned = true;
      }
      return false;
    },
  };
}
