// From where the CRL of a certificate's issuer comes (RFC 5280 §4.2.1.13), for certificates with keys of any kind.
import { readExtensions } from './certificate-extensions.ts';
import { readExplicit } from './certificate.ts';
import { DerError } from './der-error.ts';
import { DerReader, readDer } from './der.ts';

/** As browsers have it; nobody needs longer ones. */
const MOST_URL = 2_000;

/** @returns its http and https URIs; none if they cannot be read */
export function distributionPointsOf(certificate: Uint8Array): readonly string[] {
  try {
    const tbs = DerReader.inside(readDer(certificate)).expect(0x30, 'tbsCertificate');
    for (const fields = DerReader.inside(tbs); !fields.isAtEnd;) {
      const field = fields.next();
      if (field.tag === 0xa3) return fetchable(readExtensions(readExplicit(field)));
    }
    return [];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return [];
  }
}

/** Others, such as ldap, are not asked. */
export function fetchable({
  cRLDistributionPoints,
}: {
  cRLDistributionPoints: readonly string[];
}): string[] {
  return cRLDistributionPoints.flatMap((uri) => parseFetchable(uri) ?? []);
}

/** @returns the URL as it is called; undefined if it cannot be */
export function parseFetchable(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href.length > MOST_URL)
    return undefined;
  // CRLs are public: nobody is asked with a password, so none is kept or shown.
  return url.username + url.password === '' ? url.href : undefined;
}
