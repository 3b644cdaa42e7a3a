// ProfileHeader: edition, ICCID, and what the eUICC must support.
import { nullType, objectIdentifier, octetString, utf8String } from './asn1-primitive.ts';
import { optional, sequence, sequenceOf } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { ApplicationIdentifier, UInt8 } from './pe-header.ts';

const service = optional(nullType);

export const ServicesList = sequence({
  contactless: service,
  usim: service,
  isim: service,
  csim: service,
  milenage: service,
  tuak128: service,
  cave: service,
  'gba-usim': service,
  'gba-isim': service,
  mbms: service,
  eap: service,
  javacard: service,
  multos: service,
  'multiple-usim': service,
  'multiple-isim': service,
  'multiple-csim': service,
  tuak256: service,
  'usim-test-algorithm': service,
  'ber-tlv': service,
  dfLink: service,
  'cat-tp': service,
  'get-identity': service,
  'profile-a-x25519': service,
  'profile-b-p256': service,
  suciCalculatorApi: service,
  'dns-resolution': service,
  scp11ac: service,
  'scp11c-authorization-mechanism': service,
  s16mode: service,
  eaka: service,
});
export type ServicesList = ValueOf<typeof ServicesList>;

export const ProfileHeader = sequence({
  'major-version': UInt8,
  'minor-version': UInt8,
  profileType: optional(utf8String(1, 100)),
  iccid: octetString(10, 10),
  pol: optional(octetString()),
  'eUICC-Mandatory-services': ServicesList,
  'eUICC-Mandatory-GFSTEList': sequenceOf(objectIdentifier),
  connectivityParameters: optional(octetString()),
  'eUICC-Mandatory-AIDs': optional(
    sequenceOf(sequence({ aid: ApplicationIdentifier, version: octetString(2, 2) })),
  ),
  iotOptions: optional(sequence({ pix: octetString(7, 11) })),
});
export type ProfileHeader = ValueOf<typeof ProfileHeader>;
