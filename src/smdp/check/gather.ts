// What there is to check: what is stored, or files that may be imported.
import type { MasterKey } from '../../process/keys.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import { isSameKeyIdentifier } from '../../rsp/certificate-chain.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import type { PkiCertificateRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { readRegister } from '../operators/operator-trust.ts';
import { ciPKIdHexOf, fromPkiRow, isKeyOf, PkiError, roleOf } from '../pki/pki-certificate.ts';
import type { StoredCertificate } from '../pki/pki-certificate.ts';
import { loadCrls, verifyStoredCrl } from '../pki/pki-crl.ts';
import { readPkiFile } from '../pki/pki-file.ts';
import type { PkiFileItem } from '../pki/pki-file.ts';
import type { PkiFile } from '../pki/pki-import.ts';
import type { Checked } from './checked.ts';
import { fault } from './finding.ts';
import type { Finding } from './finding.ts';

export interface Gathered extends Pick<
  Checked,
  'certificates' | 'crls' | 'crlProblems' | 'crlPoints' | 'operators'
> {
  /** What could not even be read. */
  findings: Finding[];
}

/** Throws `SealError`. */
export async function gatherStored(
  store: Pick<Store, 'pki' | 'crlPoints' | 'operators'>,
  masterKey: MasterKey,
): Promise<Gathered> {
  const findings: Finding[] = [];
  const certificates = (await store.pki.list()).map((row) => readRow(row, masterKey, findings));
  return {
    certificates,
    ...loadCrls(await store.pki.listCrls(), certificates),
    crlPoints: await store.crlPoints.list(),
    operators: await readRegister({ store }),
    findings,
  };
}

function readRow(
  row: PkiCertificateRow,
  masterKey: MasterKey,
  findings: Finding[],
): StoredCertificate {
  try {
    return fromPkiRow(row, masterKey);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    const advice = 'remove the CI, and import its certificates and keys again';
    findings.push({
      check: 'private key',
      subject: row.fingerprint,
      ...fault(error.message, 'the private key of this certificate', advice),
    });
    return fromPkiRow({ ...row, private_key: null }, masterKey);
  }
}

/** Files as if they were imported, with the stored CIs above their certificates. */
export function gatherFiles(files: readonly PkiFile[], stored: Gathered): Gathered {
  const findings: Finding[] = [];
  const items = files.flatMap(({ name, content }): (PkiFileItem & { name: string })[] => {
    try {
      return readPkiFile(content).map((item) => ({ ...item, name }));
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      const expected = 'certificates, private keys and CRLs of RSP, PEM or DER';
      const advice = 'ask the CI for such a file';
      findings.push({ check: 'file', subject: name, ...fault(error.message, expected, advice) });
      return [];
    }
  });
  const given = items.flatMap((item) => (item.kind === 'certificate' ? item : []));
  const keys = items.flatMap((item) => (item.kind === 'key' ? item : []));
  const storedCis = stored.certificates.filter(({ role }) => role === 'ci');
  const cis = [
    ...given.map(({ certificate }) => certificate).filter((one) => roleOf(one) === 'ci'),
    ...storedCis.map(({ certificate }) => certificate),
  ];
  const certificates = given.flatMap(({ certificate, name }): StoredCertificate[] => {
    const role = roleOf(certificate);
    if (role === undefined) {
      const found = certificate.extensions.certificatePolicies.join(', ') || 'none';
      const subject = `${name}: ${formatName(certificate.subject)}`;
      const expected = 'the policy of a CI, EUM, DPauth, DPpb or DPtls (SGP.22 annex H)';
      const advice = 'an SM-DP+ has no use for it';
      findings.push({ check: 'policy', subject, ...fault(found, expected, advice) });
      return [];
    }
    const one: StoredCertificate = {
      role,
      certificate,
      ciPKIdHex: ciPKIdHexOf(role === 'ci' ? certificate : (ciOf(certificate, cis) ?? certificate)),
      privateKey: keys.find(({ privateKey }) => isKeyOf(privateKey, certificate))?.privateKey,
      generated: false,
    };
    return [one];
  });
  for (const { privateKey, name } of keys) {
    if (given.some(({ certificate }) => isKeyOf(privateKey, certificate))) continue;
    const expected = 'the key of one of the certificates';
    const advice = 'give the certificate, too, or another key';
    findings.push({
      check: 'private key',
      subject: name,
      ...fault('that of none of them', expected, advice),
    });
  }
  const above = storedCis.filter(
    ({ ciPKIdHex }) =>
      certificates.some((one) => one.ciPKIdHex === ciPKIdHex) &&
      !certificates.some((one) => one.role === 'ci' && one.ciPKIdHex === ciPKIdHex),
  );
  const ids = new Set(certificates.map(({ ciPKIdHex }) => ciPKIdHex));
  const crls = items.flatMap((item) => {
    if (item.kind !== 'crl') return [];
    const problems: string[] = [];
    for (const ci of cis) {
      try {
        return verifyStoredCrl(Uint8Array.from(item.der), ci);
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        problems.push(error.message);
      }
    }
    const advice = 'ask its CI for another, or give the CI, too';
    findings.push({
      check: 'CRL',
      subject: item.name,
      ...fault(problems[0] ?? 'no CI for it', 'a CRL of a CI that is here', advice),
    });
    return [];
  });
  return {
    certificates: [...above, ...certificates],
    crls: [...stored.crls, ...crls],
    crlProblems: [],
    crlPoints: stored.crlPoints.filter(({ issuer }) => ids.has(issuer)),
    operators: undefined,
    findings,
  };
}

function ciOf({ extensions }: Certificate, cis: readonly Certificate[]): Certificate | undefined {
  return cis.find((ci) =>
    isSameKeyIdentifier(ci.extensions.subjectKeyIdentifier, extensions.authorityKeyIdentifier),
  );
}
