// Warnings about certificates, before devices run into the problems.
import type { Context } from '../../context.ts';
import { hostNames, isNamed } from '../../rsp/certificate-chain.ts';
import { isOutdated } from '../../rsp/crl.ts';
import type { VerifiedCrl } from '../../rsp/crl.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { isSignedElsewhere } from './external-signer.ts';
import { ciOfCrl, describeScope, missingScopes } from './pki-crl.ts';
import type { Pki, PkiCertificate } from './pki.ts';
import { titleOf } from './pki-certificate.ts';
import { hostOf } from './test-pki.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SOON_DAYS = 30;

/** A warning for everything that has expired, soon will, or is missing. */
export function pkiWarnings(pki: Pki, now: Date): string[] {
  return [
    ...pki.certificates.flatMap((certificate) => ofDates(certificate, now)),
    ...pki.certificates.flatMap(ofSigner),
    ...pki.crls.flatMap((crl) => ofCrl(crl, pki, now)),
    ...Array.from(Map.groupBy(pki.crls, ciOfCrl).values(), ofMissingParts).flat(),
    ...pki.crlProblems.map((problem) => `${problem}: its revocations are ignored`),
    ...ofMissing(pki),
  ];
}

function ofDates(loaded: PkiCertificate, now: Date): string[] {
  const { certificate, unusable } = loaded;
  const { notBefore, notAfter } = certificate;
  const title = `The ${titleOf(loaded)}`;
  if (unusable === 'revoked') return [`${title} is revoked and not used`];
  if (notAfter < now) return [`${title} expired on ${dayOf(notAfter)} and is not used`];
  if (now < notBefore) return [`${title} is not valid before ${dayOf(notBefore)} and not used yet`];
  const days = Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);
  if (days >= SOON_DAYS) return [];
  return [`${title} expires on ${dayOf(notAfter)}, in ${days === 1 ? '1 day' : `${days} days`}`];
}

function ofSigner(loaded: PkiCertificate): string[] {
  if (!isSignedElsewhere(loaded.role) || loaded.signer !== undefined) return [];
  return [
    `The ${titleOf(loaded)} is not used: its key is not stored here, and neither SIMWRIGHT_HSM nor SIMWRIGHT_SIGNER is set and can sign for it`,
  ];
}

function ofCrl(crl: VerifiedCrl, { outdatedCrl }: Pki, now: Date): string[] {
  if (!isOutdated(crl, now)) return [];
  const refused =
    outdatedCrl === 'refuse'
      ? ', so no eUICC of this CI is accepted until a newer one is imported'
      : '';
  return [`${titleOfCrl(crl)} has been out of date since ${dayOf(crl.nextUpdate!)}${refused}`];
}

/** @param crls of one CI */
function ofMissingParts(crls: VerifiedCrl[]): string[] {
  return missingScopes(crls).map(
    (scope) =>
      `The CRL of ${formatName(crls[0]!.issuer)} is incomplete (missing: ${describeScope(scope)}): ` +
      'the revocations in that part are unknown',
  );
}

function titleOfCrl({ issuer, scope }: VerifiedCrl): string {
  return `The CRL of ${formatName(issuer)}${scope === '' ? '' : ` (${describeScope(scope)})`}`;
}

function ofMissing({ identities, tls }: Pki): string[] {
  const nobody = 'no eUICC can download';
  if (identities.length === 0)
    return [`No CI has both a DPauth and a DPpb with their keys: ${nobody}`];
  if (tls.length === 0) return [`No CI has a DPtls with its key: ${nobody}`];
  return [];
}

/** Warnings for CIs whose DPtls do not name the host that devices call. */
export function hostWarnings({ tls }: Pki, smdpAddress: string): string[] {
  const host = hostOf(smdpAddress);
  const byCi = Map.groupBy(tls, ({ ciPKId }) => Buffer.from(ciPKId).toString('hex'));
  return [...byCi.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    if ([first, ...others].some(({ certificate }) => isNamed(certificate, host))) return [];
    const names = hostNames(first.certificate).join(', ') || 'no host';
    const title = titleOf({ role: 'dpTls', certificate: first.certificate });
    return [
      `The ${title} names ${names}, but not ${host} of SIMWRIGHT_SMDP_ADDRESS: ` +
        `no device of ${formatName(first.ci.subject)} accepts it there, unless a proxy terminates TLS`,
    ];
  });
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** @returns a function that logs new warnings about the certificates */
export function pkiWarner(context: Pick<Context, 'config' | 'pki' | 'now' | 'log'>): () => void {
  let logged = new Set<string>();
  return () => {
    const { config, pki, now } = context;
    const warnings = new Set([
      ...pkiWarnings(pki, now()),
      ...hostWarnings(pki, config.smdpAddress),
    ]);
    for (const warning of warnings.difference(logged)) context.log.warn(warning);
    logged = warnings;
  };
}
