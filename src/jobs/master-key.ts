// Follows the rotation of the master key, and says which keys this process has.
import type { KeyHolder } from '../rotation/holders.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function masterKey(holder: Pick<KeyHolder, 'look'>): Job {
  return {
    name: 'master key',
    everyMs: LOOK_MS,
    async turn() {
      await holder.look();
      return false;
    },
  };
}
