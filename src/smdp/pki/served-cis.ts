// The CIs that ES9+ serves. Which device gets which DPtls certificate is decided in https/choose-certificate.ts.
import { hostNames } from '../../rsp/certificate-chain.ts';
import type { CurveName } from '../../rsp/curve.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import type { Pki } from './pki.ts';

export interface ServedCi {
  /** Its subject as text. */
  ci: string;
  curve: CurveName;
  /** From all DPtls certificates under it. */
  hosts: string[];
}

/** The CIs whose devices can verify one of our certificates, in order of preference. */
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
