// SGP.32 §2.11.1.1.2 EimConfigurationData: what an eUICC knows of an eIM. It is added without a signature while there is no
// eIM (ES10b.AddInitialEim, SGP.32 §5.9.4), later by another eIM (addEim, updateEim).
import {
  bitString,
  integer,
  nullType,
  octetString,
  utf8String,
  wholeTlv,
} from '../asn1-primitives.ts';
import { choice, explicit, optional, sequence } from '../asn1-structures.ts';
import { childrenOf, replacedSequence, tolerant } from '../asn1-tolerant.ts';
import type { ValueOf } from '../asn1-type.ts';
import { encodeTlv, type Tlv } from '../der.ts';
import { eimIdTypes } from '../eim-codes.ts';
import { certificateNotation } from './certificate.ts';

/** eimId UTF8String (SIZE(1..128)) */
export const eimId = (tag: number) => utf8String(tag, 128, 1);

/** EimSupportedProtocol ::= BIT STRING */
export const eimSupportedProtocols = [
  'eimRetrieveHttps',
  'eimRetrieveCoaps',
  'eimInjectHttps',
  'eimInjectCoaps',
  'eimProprietary',
] as const;

const [PUBLIC_KEY, CERTIFICATE] = [0xa0, 0xa1];

/**
 * A CHOICE of SubjectPublicKeyInfo and Certificate, whose automatic tags replace those of the two SEQUENCEs. Peers also keep the
 * tag 30 within A0 or A1, or leave A0 and A1 out.
 */
function keyOrCertificate<const Key extends string, const Cert extends string>(
  tag: number,
  key: Key,
  certificate: Cert,
) {
  const alternatives = {
    [key]: replacedSequence(PUBLIC_KEY),
    [certificate]: replacedSequence(CERTIFICATE, certificateNotation),
  } as Record<Key | Cert, ReturnType<typeof replacedSequence>>;
  return tolerant(explicit(tag, choice(alternatives)), withArm);
}

function withArm(tlv: Tlv): Uint8Array | undefined {
  const [whole] = childrenOf(tlv);
  if (whole?.tag !== 0x30) return undefined;
  // Certificate has three components, SubjectPublicKeyInfo two.
  const arm = childrenOf(whole).length === 3 ? CERTIFICATE : PUBLIC_KEY;
  return encodeTlv(tlv.tag, encodeTlv(arm, whole.contents));
}

const components = {
  eimId: eimId(0x80),
  eimFqdn: optional(utf8String(0x81)),
  eimIdType: optional(integer(0x82, eimIdTypes)),
  counterValue: optional(integer(0x83)),
  associationToken: optional(integer(0x84)),
  eimPublicKeyData: optional(keyOrCertificate(0xa5, 'eimPublicKey', 'eimCertificate')),
  trustedPublicKeyDataTls: optional(
    keyOrCertificate(0xa6, 'trustedEimPkTls', 'trustedCertificateTls'),
  ),
  eimSupportedProtocol: optional(bitString(0x87, eimSupportedProtocols)),
  euiccCiPKId: optional(octetString(0x88)),
  indirectProfileDownload: optional(nullType(0x89)),
  /** Since v1.3. */
  eSipaProprietaryProtocolInformation: optional(wholeTlv(0xaa)),
};

/** EimConfigurationData ::= SEQUENCE; in addEim and updateEim with another tag. */
export const eimConfigurationData = (tag: number) => sequence(tag, components);
export const EimConfigurationData = eimConfigurationData(0x30);
export type EimConfigurationData = ValueOf<typeof EimConfigurationData>;
