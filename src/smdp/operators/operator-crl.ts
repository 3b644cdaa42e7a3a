// CRLs of the CAs of operators (RFC 5280 §5), which need not use the algorithms of RSP.
import type { X509Certificate } from 'node:crypto';
import { verify } from 'node:crypto';
import type { Crl, SignedCrl } from '../../rsp/crl.ts';
import { isOutdated, parseCrl } from '../../rsp/crl.ts';
import { DerError } from '../../rsp/der-error.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import { OperatorError } from './operator-error.ts';

/**
 * Throws `OperatorError` unless it is a whole CRL, which can be relied on.
 * @param check as of `parseCrl`
 */
export function readOperatorCrl(der: Uint8Array, check?: (crl: SignedCrl) => void): Crl {
  let crl: Crl;
  try {
    crl = parseCrl(der, Object.keys(ALGORITHMS), check);
  } catch (cause) {
    if (!(cause instanceof DerError || cause instanceof VerifyError)) throw cause;
    throw new OperatorError(`the CRL cannot be read: ${cause.message}`, { cause });
  }
  const problems = [
    ...crl.unusable,
    ...(crl.scope === '' ? [] : ['it has only a part of the list']),
  ];
  if (problems.length === 0) return crl;
  throw new OperatorError(`the CRL cannot be relied on: ${problems.join('; ')}`);
}

/** Of signatures, by OID (RFC 5758 §3.2, RFC 4055 §5). */
const ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

/** Whether this CA has signed it. */
export function isCrlOf(
  { tbs, signature, signatureAlgorithm }: SignedCrl,
  ca: X509Certificate,
): boolean {
  const hash = ALGORITHMS[signatureAlgorithm];
  if (hash === undefined) return false;
  return verify(hash, tbs, ca.publicKey, signature);
}

export const isCrlOutdated = isOutdated;

export function isListed({ revoked }: Crl, { serialNumber }: X509Certificate): boolean {
  const hex = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  // The bytes of an INTEGER may begin with one that only says that it is positive.
  return revoked.has(hex) || revoked.has(`00${hex}`);
}
