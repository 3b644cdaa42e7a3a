import { Command } from 'commander';
import { fingerprintOf, ROLE_NAMES } from '../smdp/pki/pki-certificate.ts';
import { pkiWarnings } from '../smdp/pki/pki-warnings.ts';
import { ciOfCrl, describeScope } from '../smdp/pki/pki-crl.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import { servedCis } from '../smdp/pki/served-cis.ts';
import type { Pki, PkiCertificate } from '../smdp/pki/pki.ts';
import { findSmdpOid } from '../rsp/certificate-chain.ts';
import type { VerifiedCrl } from '../rsp/crl.ts';
import { isOutdated } from '../rsp/crl.ts';
import { formatName } from '../rsp/distinguished-name.ts';
import { signingOf } from '../signing.ts';
import { withData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { listTlsFailures, printTlsFailures, tlsFailureRecord } from './tls-failures.ts';

export const PKI_COLUMNS: TableColumn<PkiCertificate>[] = [
  { title: 'CI', value: ({ ciPKIdHex }) => ciPKIdHex },
  { title: 'ROLE', value: ({ role }) => ROLE_NAMES[role] },
  { title: 'CURVE', value: ({ certificate }) => certificate.curve },
  { title: 'KEY', value: keyOf },
  { title: 'MADE', value: ({ generated }) => (generated ? 'here, for tests' : 'elsewhere') },
  {
    title: 'VALID UNTIL',
    value: ({ certificate, unusable }) => {
      const day = certificate.notAfter.toISOString().slice(0, 10);
      return unusable === undefined ? day : `${day}, ${unusable}`;
    },
    style: ({ unusable }) => (unusable === undefined ? undefined : 'red'),
  },
  { title: 'SUBJECT', value: ({ certificate }) => formatName(certificate.subject) },
];

function keyOf({ privateKey, signer }: PkiCertificate): string {
  if (privateKey !== undefined) return 'yes';
  return signer === undefined ? 'no' : 'signer';
}

/** `simwright pki show` */
export function pkiShowCommand(): Command {
  return new Command('show')
    .description(
      'show the certificates, which devices ES9+ serves with them, and warnings about them',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nPrivate keys are never shown. TLS handshakes that failed are counted for 30 days; a running server ' +
        'adds to them every ten seconds.',
    )
    .addHelpText('after', examples(['simwright pki show']))
    .action((options: JsonOption) =>
      withData(async ({ config, secrets, store, masterKey, now }) => {
        const { outdatedCrl } = config;
        // Nothing is signed here.
        const { signers } = signingOf(config, secrets);
        const pki = await loadPki(store, masterKey, now, { outdatedCrl, signers });
        const failures = await listTlsFailures(store, now);
        if (options.json) {
          return printJson({
            certificates: byCi(pki).map(certificateRecord),
            crls: pki.crls.map((crl) => crlRecord(crl, now)),
            served: servedCis(pki),
            warnings: pkiWarnings(pki, now),
            tls_failures: failures.map(tlsFailureRecord),
          });
        }
        printTable(
          PKI_COLUMNS,
          byCi(pki),
          'There is no certificate; see: simwright pki import --help',
        );
        printCrls(pki, now);
        printServed(pki);
        printWarnings(pki, now);
        printTlsFailures(failures);
      }),
    );
}

const CRL_COLUMNS: TableColumn<ReturnType<typeof crlRecord>>[] = [
  { title: 'CRL OF', value: (crl) => crl.ci_pk_id },
  { title: 'COVERS', value: (crl) => crl.scope },
  { title: 'REVOKED', value: (crl) => String(crl.revoked) },
  { title: 'FROM', value: (crl) => crl.this_update.slice(0, 10) },
  {
    title: 'NEXT',
    value: ({ next_update: next, out_of_date: isLate }) =>
      `${next?.slice(0, 10) ?? 'not given'}${isLate ? ', out of date' : ''}`,
    style: (crl) => (crl.out_of_date ? 'red' : undefined),
  },
];

function printCrls({ crls }: Pki, now: Date): void {
  if (crls.length === 0) return;
  print('\n');
  printTable(
    CRL_COLUMNS,
    crls.map((crl) => crlRecord(crl, now)),
    '',
  );
}

function crlRecord(crl: VerifiedCrl, now: Date) {
  return {
    ci_pk_id: ciOfCrl(crl),
    issuer: formatName(crl.issuer),
    scope: describeScope(crl.scope),
    revoked: crl.revoked.size + crl.revokedOfOthers.length,
    this_update: crl.thisUpdate.toISOString(),
    next_update: crl.nextUpdate?.toISOString() ?? null,
    out_of_date: isOutdated(crl, now),
  };
}

function printServed(pki: Pki): void {
  const lines = servedCis(pki).map(
    ({ ci, curve, hosts }) => `  ${ci} (${curve}), at ${hosts.join(', ') || 'no host'}\n`,
  );
  if (lines.length === 0) return;
  print(`\nES9+ serves devices that trust one of these, as announced by each device:\n`);
  print(lines.join(''));
}

export function printWarnings(pki: Pki, now: Date): void {
  const warnings = pkiWarnings(pki, now);
  if (warnings.length > 0) print(`\n${warnings.map((warning) => `${warning}.\n`).join('')}`);
}

/** Grouped by CI, in the order of the chain. */
function byCi({ certificates }: Pki): PkiCertificate[] {
  const roles = Object.keys(ROLE_NAMES);
  const ids = [...new Set(certificates.map(({ ciPKIdHex }) => ciPKIdHex))];
  return certificates.toSorted(
    (one, other) =>
      ids.indexOf(one.ciPKIdHex) - ids.indexOf(other.ciPKIdHex) ||
      roles.indexOf(one.role) - roles.indexOf(other.role),
  );
}

function certificateRecord(loaded: PkiCertificate) {
  const { role, ciPKIdHex, certificate, privateKey, signer, generated, unusable } = loaded;
  return {
    fingerprint: fingerprintOf(certificate.der),
    role,
    ci_pk_id: ciPKIdHex,
    curve: certificate.curve,
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    serial_number: certificate.serialNumberHex,
    oid: findSmdpOid(certificate) ?? null,
    dns_names: certificate.extensions.subjectAltName.dNSName,
    ip_addresses: certificate.extensions.subjectAltName.iPAddress,
    valid_from: certificate.notBefore.toISOString(),
    valid_until: certificate.notAfter.toISOString(),
    has_private_key: privateKey !== undefined,
    has_signer: signer !== undefined,
    generated,
    unusable: unusable ?? null,
  };
}
