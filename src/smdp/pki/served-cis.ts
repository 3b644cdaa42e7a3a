// What ES9+ serves over TLS: which device gets which DPtls certificate is decided in es9plus/choose-certificate.ts.
import { hostNames } from '../../rsp/certificate-chain.ts';
import type { CurveName } from '../../rsp/curve.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import type { Pki } from './pki.ts';

export interface ServedCi {
  /** Its subject in words. */
  ci: string;
  curve: CurveName;
  /** Of all DPtls certificates under it. */
  hosts: string[];
}

/** The CIs whose devices find a certificate that they can verify, in the order of preference. */
export function servedCis({ tls }: Pki): ServedCi[] {
  const served = new Map<string, ServedCi>();
  for (const { ci, ciPKId, certificate } of tls) {
    const id = Buffer.from(ciPKId).toString('hex');
    const entry = served.get(id) ?? { ci: formatName(ci.subject), curve: ci.curve, hosts: [] };
    entry.hosts = [...new Set([...entry.hosts, ...hostNames(certificate)])];
    served.set(id, entry);
  }
  return [...served.values()];
}
