// Sends eIM packages to IPAs that listen.
import type { Injector } from '../eim/injection/injector.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function injection(injector: Injector): Job {
  return {
    name: 'injection',
    everyMs: LOOK_MS,
    async turn() {
      await injector.injectDue();
      return false;
    },
  };
}
