// From where CRLs are fetched: the distribution points that certificates name (RFC 5280 §4.2.1.13), each for the CA that has issued
// the certificate, and URLs that were added by hand.
import { X509Certificate } from 'node:crypto';
import { distributionPointsOf } from '../../rsp/distribution-points.ts';
import type { CrlPointRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { readRegister } from '../operators/operator-trust.ts';

export type CrlPoint = Pick<CrlPointRow, 'issuer' | 'url' | 'kind'>;

/** A certificate with very many is not one of a sensible CA. */
const MOST_OF_ISSUER = 16;

/** Keeps those that certificates name, and those of CAs that are trusted; a new one is due at once. */
export async function syncCrlPoints({ tables, now }: Pick<Unit, 'tables' | 'now'>): Promise<void> {
  const stored = await tables.crlPoints.list();
  const named = await namedPoints(tables);
  const issuers = await issuersOf(tables);
  const isNamed = (row: CrlPoint) =>
    named.some(({ issuer, url }) => issuer === row.issuer && url === row.url);
  for (const row of stored) {
    const isKept = row.added_by === 'hand' ? issuers.has(row.issuer) : isNamed(row);
    if (!isKept) await tables.crlPoints.delete(row);
  }
  const known = new Set(stored.map(keyOf));
  for (const point of named) {
    if (!known.has(keyOf(point))) await insertPoint(point, 'certificate', { tables, now });
  }
}

/** @returns false if it is there already */
export function insertPoint(
  { issuer, url, kind }: CrlPoint,
  addedBy: CrlPointRow['added_by'],
  { tables, now }: Pick<Unit, 'tables' | 'now'>,
): Promise<boolean> {
  return tables.crlPoints.insert({
    issuer,
    url,
    kind,
    added_by: addedBy,
    next_fetch_at: now.toISOString(),
    locked_until: null,
    failures: 0,
    error: null,
    date_failed: null,
    date_fetched: null,
    next_update: null,
    etag: null,
    last_modified: null,
    date_created: apiDate(now),
  });
}

const keyOf = ({ issuer, url }: Pick<CrlPoint, 'issuer' | 'url'>) => `${issuer} ${url}`;

/** The CAs that are trusted, with their kinds, by what they are known as. */
export async function issuersOf(
  tables: Pick<Transaction, 'pki' | 'operators'>,
): Promise<Map<string, CrlPoint['kind']>> {
  const cis = (await tables.pki.list()).filter(({ role }) => role === 'ci');
  const cas = await tables.operators.listCas();
  return new Map([
    ...cis.map(({ ci_pk_id: id }) => [id, 'ci'] as const),
    ...cas.map(({ fingerprint }) => [fingerprint, 'operatorCa'] as const),
  ]);
}

async function namedPoints(tables: Pick<Transaction, 'pki' | 'operators'>): Promise<CrlPoint[]> {
  // In chains of SGP.22 v2, the CI has issued all certificates here.
  const ofCis = (await tables.pki.list()).flatMap(({ certificate, ci_pk_id: issuer }) =>
    distributionPointsOf(Uint8Array.fromBase64(certificate)).map((url) => ({
      issuer,
      url,
      kind: 'ci' as const,
    })),
  );
  const { cas, certificates } = await readRegister({ store: tables });
  const withIssuers = [
    ...certificates.values(),
    ...cas.map(({ certificate }) => ({
      certificate,
      issuers: cas.filter(({ certificate: ca }) => isIssuedBy(certificate, ca)),
    })),
  ];
  const ofCas = withIssuers.flatMap(({ certificate, issuers }) =>
    distributionPointsOf(Uint8Array.from(certificate.raw)).flatMap((url) =>
      issuers.map(({ fingerprint }) => ({
        issuer: fingerprint,
        url,
        kind: 'operatorCa' as const,
      })),
    ),
  );
  const unique = new Map([...ofCis, ...ofCas].map((point) => [keyOf(point), point]));
  const byIssuer = Map.groupBy(unique.values(), ({ issuer }) => issuer);
  return [...byIssuer.values()].flatMap((points) => points.slice(0, MOST_OF_ISSUER));
}

function isIssuedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}
