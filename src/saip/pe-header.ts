// PEHeader, with which every profile element but the ProfileHeader begins, and the AID. TCA profile package, ASN.1
// module PEDefinitions.
import { integer, nullType, octetString } from './asn1-primitive.ts';
import { optional, sequence } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';

export const UInt8 = integer(0, 255);
const UInt15 = integer(0, 32767);
export const UInt16 = integer(0, 65535);

export const ApplicationIdentifier = octetString(5, 16);

export const PEHeader = sequence({
  mandated: optional(nullType), // the eUICC must support this element, or refuse the profile
  identification: UInt15,
});
export type PEHeader = ValueOf<typeof PEHeader>;
