// Registers and deletes events at SM-DSs.
import type { Announcer } from '../smdp/smds/announcer.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function smds(announcer: Announcer): Job {
  return {
    name: 'smds',
    everyMs: LOOK_MS,
    async turn() {
      await announcer.settleDue();
      return false;
    },
  };
}
