// The public key of an eIM (SGP.32 §2.11.1.1.2): a SubjectPublicKeyInfo, or a certificate, of which only the key counts.
// The eUICC trusts what EimConfigurationData says; no issuer, role or date is checked.
import type { KeyObject } from 'node:crypto';
import { readSubjectPublicKeyInfo } from './certificate.ts';
import type { EimConfigurationData } from './definitions/eim-configuration-data.ts';
import { DerReader, readDer } from './der.ts';

export type EimPublicKeyData = NonNullable<EimConfigurationData['eimPublicKeyData']>;

/** Throws `DerError`, and `VerifyError` for a key on a curve that RSP does not use. */
export function eimPublicKeyOf({ eimPublicKey, eimCertificate }: EimPublicKeyData): KeyObject {
  const spki = eimPublicKey === undefined ? subjectPublicKeyInfoOf(eimCertificate) : eimPublicKey;
  return readSubjectPublicKeyInfo(readDer(spki)).publicKey;
}

/** RFC 5280 §4.1: certificates of eIMs may lack what those of RSP have. */
function subjectPublicKeyInfoOf(certificate: Uint8Array): Uint8Array {
  const tbs = DerReader.inside(readDer(certificate)).expect(0x30, 'tbsCertificate');
  const fields = DerReader.inside(tbs);
  fields.nextIf(0xa0); // version
  fields.expect(0x02, 'serialNumber');
  for (const name of ['signature', 'issuer', 'validity', 'subject']) fields.expect(0x30, name);
  return fields.expect(0x30, 'subjectPublicKeyInfo').der;
}
