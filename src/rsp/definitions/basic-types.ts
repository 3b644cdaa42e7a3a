// RSPDefinitions (annex H): types shared by several messages.
import { bitString, octetString, sizedContents, utf8String } from '../asn1-primitives.ts';
import { optional, sequence, sequenceOf } from '../asn1-structures.ts';
import { primitive, type Asn1Type } from '../asn1-type.ts';
import { decodeIccid } from '../identifiers.ts';
import { hexNotation } from '../notation.ts';

/** TransactionId ::= OCTET STRING (SIZE(1..16)) */
export const transactionId = (tag: number): Asn1Type<Uint8Array> => octetString(tag, 1, 16);

/** Octet16 ::= OCTET STRING (SIZE(16)): challenges and keys. */
export const octet16 = (tag: number): Asn1Type<Uint8Array> => octetString(tag, 16);

/** Iccid ::= [APPLICATION 26] OCTET STRING (SIZE(10)), coded as in EF.ICCID. */
export const Iccid = primitive(
  0x5a,
  sizedContents(10, 10),
  (iccid) => iccid,
  (iccid) => `${hexNotation(iccid)} -- ${decodeIccid(iccid) ?? 'not digits'} --`,
);

/** A signature. The verifier checks its size: a wrong one is an invalid signature, not invalid DER. */
export const signature = octetString(0x5f37);

/** A one-time public key; checked by the key agreement. */
export const oneTimePublicKey = octetString(0x5f49);

/** SubjectKeyIdentifier ::= OCTET STRING */
export const SubjectKeyIdentifier = octetString(0x04);

const versionContents = sizedContents(3, 3);

/** VersionType ::= OCTET STRING (SIZE(3)): major, minor, revision in binary. As text: `2.5.0`. */
export function versionType(tag: number): Asn1Type<string> {
  return primitive(
    tag,
    (tlv) => versionContents(tlv).join('.'),
    (version) => Uint8Array.from(version.split('.').map(Number)),
    (version) =>
      `'${Buffer.from(version.split('.').map(Number)).toString('hex').toUpperCase()}'H -- ${version} --`,
  );
}

/** NotificationEvent ::= BIT STRING */
export const notificationEvents = [
  'notificationInstall',
  'notificationEnable',
  'notificationDisable',
  'notificationDelete',
] as const;
export const notificationEvent = (tag: number) => bitString(tag, notificationEvents);

/** PprIds ::= BIT STRING */
export const pprIds = (tag: number) => bitString(tag, ['pprUpdateControl', 'ppr1', 'ppr2', 'ppr3']);

/** OperatorId ::= SEQUENCE; mccMnc as in TS 24.008, where E stands for any digit of a rule. */
export const operatorId = (tag: number) =>
  sequence(tag, {
    mccMnc: octetString(0x80, 3),
    gid1: optional(octetString(0x81)),
    gid2: optional(octetString(0x82)),
  });

/** notificationConfigurationInfo [22] SEQUENCE OF NotificationConfigurationInformation */
export const notificationConfigurationInfo = sequenceOf(
  0xb6,
  sequence(0x30, {
    profileManagementOperation: notificationEvent(0x80),
    notificationAddress: utf8String(0x81),
  }),
);
