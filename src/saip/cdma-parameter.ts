// PE-CDMAParameter: the keys of the CSIM created just before it (3GPP2 C.S0016, C.S0023).
import { octetString, secret } from './asn1-primitive.ts';
import { optional, sequence } from './asn1-type.ts';
import { PEHeader } from './pe-header.ts';

export const PECDMAParameter = sequence({
  'cdma-header': PEHeader,
  authenticationKey: secret(octetString(8, 8)), // the A-key of CAVE
  ssd: optional(secret(octetString(16, 16))), // SSD_A, SSD_B
  hrpdAccessAuthenticationData: optional(secret(octetString(2, 32))),
  simpleIPAuthenticationData: optional(secret(octetString(3, 483))),
  mobileIPAuthenticationData: optional(secret(octetString(4, 957))),
});
