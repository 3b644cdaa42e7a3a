// Starts using certificates and CRLs that a command or another node has changed.
import type { CurrentPki } from '../smdp/pki/current-pki.ts';
import type { OperatorTrust } from '../smdp/operators/operator-trust.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

/**
 * @param warnOfPki logs new warnings about the certificates
 * @param trust the operators and their certificates, if ES2+ is served
 */
export function certificates(
  pki: CurrentPki,
  warnOfPki: () => void,
  trust?: Pick<OperatorTrust, 'renew'>,
): Job {
  return {
    name: 'certificates',
    everyMs: LOOK_MS,
    async turn() {
      if (await pki.renew()) warnOfPki();
      await trust?.renew();
      return false;
    },
  };
}
