// The CIs that the eIM trusts in front of a rented SM-DP+, where there is no PKI in the database.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileError, FileError } from '../process/private-files.ts';
import type { Certificate } from '../rsp/certificate.ts';
import { parseCertificate } from '../rsp/certificate.ts';
import { verifyCi } from '../rsp/certificate-chain.ts';
import { certificateBlocks } from '../rsp/pem.ts';

/** Whether each is valid now is checked with what it has signed. Throws `FileError`. */
export function readCis(file: string | undefined): Certificate[] {
  if (file === undefined) return [];
  try {
    const blocks = certificateBlocks(readFileSync(file, 'utf8'));
    const cis = blocks.map((pem) => parseCertificate(new X509Certificate(pem).raw));
    for (const ci of cis) verifyCi(ci, { now: ci.notBefore });
    if (cis.length > 0) return cis;
  } catch (error) {
    throw fileError(`${file} cannot be used (expected CI certificates of RSP, PEM)`, error);
  }
  throw new FileError(`${file} has no certificate; expected PEM`);
}
