import { eachExtension } from './certificate-extensions.ts';
import type { Certificate } from './certificate.ts';
import { readExplicit } from './certificate.ts';
import { DerReader, readDer } from './der.ts';

/** The OIDs of the extensions of a certificate, and whether each is critical. */
export function criticalExtensionsOf({ tbs }: Pick<Certificate, 'tbs'>): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const fields = DerReader.inside(readDer(tbs)); !fields.isAtEnd;) {
    const field = fields.next();
    if (field.tag !== 0xa3) continue;
    for (const { oid, isCritical } of eachExtension(readExplicit(field)))
      found.set(oid, isCritical);
  }
  return found;
}
