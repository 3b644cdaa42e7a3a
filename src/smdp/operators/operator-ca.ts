// The CAs whose certificates operators may use: imported ones with their CRLs, and our own for tests, made when it is
// needed.
import { OF_SERVER } from '../../audit/entry.ts';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../rsp/certificate.ts';
import type { CertificateContents } from '../../rsp/certificate-issue.ts';
import { attributeTypes } from '../../rsp/distinguished-name.ts';
import { operatorContents } from '../../rsp/test-certificates.ts';
import type { Context } from '../../context.ts';
import type { OperatorCaRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { certificatePem, privateKeyPem } from '../../rsp/pem.ts';
import { issue } from '../pki/test-pki.ts';
import type { Issued } from '../pki/test-pki.ts';
import { OperatorError } from './operator-error.ts';
import type { OperatorFile } from './operator-file.ts';
import { fingerprintOf, subjectOf, toBase64 } from './operator-file.ts';
import { takeOperatorCrl } from './take-operator-crl.ts';

type Keeper = Pick<Context, 'masterKey' | 'transact'>;

const TEST_CA_YEARS = 20;
/** So that renewing one is tried out in a test. */
const TEST_CERTIFICATE_YEARS = 2;

export const caKeyPlace = (fingerprint: string) => `operator_cas.private_key ${fingerprint}`;

/** The key of our own test CA. Throws `SealError`. */
export function openCaKey(
  { fingerprint, private_key: sealed }: OperatorCaRow,
  masterKey: Context['masterKey'],
): KeyObject {
  return createPrivateKey(masterKey.open(sealed!, caKeyPlace(fingerprint)));
}

/** A certificate with its key, both PEM, and the certificate of its CA. */
export interface MadeCertificate {
  certificate: X509Certificate;
  certificatePem: string;
  keyPem: string;
  caPem: string;
}

/** Issues a client certificate under our own test CA, which is made with the first one. */
export async function makeOperatorCertificate(
  name: string,
  { masterKey }: Pick<Keeper, 'masterKey'>,
  { tables, now }: Unit,
): Promise<MadeCertificate> {
  const rows = await tables.operators.listCas();
  const row = rows.find(({ private_key: key }) => key !== null);
  let ca: Issued;
  if (row === undefined) {
    ca = issue('prime256v1', TEST_CA_YEARS, now, caContents);
    await tables.operators.insertCa(toCaRow(ca, masterKey, now));
  } else {
    ca = {
      certificate: parseCertificate(Uint8Array.fromBase64(row.certificate)),
      privateKey: openCaKey(row, masterKey),
    };
  }
  const made = issue(
    'prime256v1',
    TEST_CERTIFICATE_YEARS,
    now,
    (basis) => operatorContents(basis, name),
    ca,
  );
  return {
    certificate: new X509Certificate(made.certificate.der),
    certificatePem: certificatePem(made.certificate),
    keyPem: privateKeyPem(made.privateKey),
    caPem: certificatePem(ca.certificate),
  };
}

const caContents = (
  basis: Pick<CertificateContents, 'serialNumber' | 'publicKey' | 'notBefore' | 'notAfter'>,
) => ({
  ...basis,
  subject: [
    { type: attributeTypes.O, value: 'Simwright' },
    { type: attributeTypes.CN, value: 'Simwright Test CA for operators' },
  ],
  keyUsage: ['keyCertSign', 'cRLSign'] as const,
  basicConstraints: { cA: true, pathLenConstraint: 0 },
});

function toCaRow(
  { certificate, privateKey }: Issued,
  masterKey: Context['masterKey'],
  now: Date,
): OperatorCaRow {
  const x509 = new X509Certificate(certificate.der);
  const fingerprint = fingerprintOf(x509);
  return {
    fingerprint,
    certificate: toBase64(x509),
    private_key: masterKey.seal(privateKeyPem(privateKey), caKeyPlace(fingerprint)),
    crl: null,
    date_created: apiDate(now),
  };
}

export interface ImportedCas {
  /** Their subjects. */
  added: string[];
  known: string[];
  /** How many CRLs. */
  crls: number;
}

/**
 * Imports CAs, and CRLs of CAs that are imported, now or before; or nothing, with `OperatorError`. A CRL replaces an older one
 * of its CA.
 */
export async function importOperatorCas(
  files: readonly OperatorFile[],
  { transact }: Keeper,
): Promise<ImportedCas> {
  const certificates = files.flatMap((file) => file.certificates);
  const crls = files.flatMap((file) => file.crls);
  return transact(async ({ tables, now, audit }) => {
    const { operators } = tables;
    const imported: ImportedCas = { added: [], known: [], crls: crls.length };
    for (const certificate of certificates) {
      const title = subjectOf(certificate);
      if (!certificate.ca) throw new OperatorError(`${title} is not the certificate of a CA`);
      if (certificate.validToDate < now) throw new OperatorError(`${title} has expired`);
      const row: OperatorCaRow = {
        fingerprint: fingerprintOf(certificate),
        certificate: toBase64(certificate),
        private_key: null,
        crl: null,
        date_created: apiDate(now),
      };
      ((await operators.insertCa(row)) ? imported.added : imported.known).push(title);
    }
    const cas = await operators.listCas();
    for (const { der } of crls) await takeOperatorCrl(der, cas, { tables, now });
    const { added, crls: count } = imported;
    if (added.length > 0 || count > 0) {
      const subject = added[0] ?? 'CRL';
      await audit(OF_SERVER, { subject, after: { cas: added, crls: count } });
    }
    return imported;
  });
}

/** @returns false if there is none */
export async function removeOperatorCa(
  fingerprint: string,
  { tables: { operators }, audit }: Unit,
): Promise<boolean> {
  const ca = (await operators.listCas()).find((row) => row.fingerprint === fingerprint);
  if (ca === undefined || !(await operators.deleteCa(fingerprint))) return false;
  const subject = subjectOf(new X509Certificate(Buffer.from(ca.certificate, 'base64')));
  await audit(OF_SERVER, { subject, before: { fingerprint } });
  return true;
}
