// Fetches the CRLs of the CAs that we trust.
import type { CrlFetcher } from '../smdp/crls/crl-fetcher.ts';
import type { Job } from './job.ts';

/** CRLs of CAs that were just imported need not wait long. */
const EVERY_MS = 5_000;

export function crls(fetcher: CrlFetcher): Job {
  return {
    name: 'crls',
    everyMs: EVERY_MS,
    async turn() {
      await fetcher.fetchDue();
      return false;
    },
  };
}
