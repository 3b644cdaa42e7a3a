// PE-PINCodes and PE-PUKCodes: the secret codes of the MF, or of the ADF or DF created just before them.
import { octetString, secret } from './asn1-primitive.ts';
import { choice, optional, sequence, sequenceOf } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { PEHeader, UInt8 } from './pe-header.ts';

export const PIN_KEY_REFERENCES = {
  pinAppl1: 0x01,
  adm1: 0x0a,
  adm2: 0x0b,
  adm3: 0x0c,
  adm4: 0x0d,
  adm5: 0x0e,
  secondPINAppl1: 0x81,
  adm6: 0x8a,
  adm7: 0x8b,
  adm8: 0x8c,
  adm9: 0x8d,
  adm10: 0x8e,
} as const;

export const PUK_KEY_REFERENCES = { pukAppl1: 0x01, secondPUKAppl1: 0x81 } as const;

export const PINConfiguration = sequence({
  keyReference: UInt8,
  pinValue: secret(octetString(8, 8)),
  unblockingPINReference: optional(UInt8),
  pinAttributes: optional(UInt8), // default 7
  'maxNumOfAttemps-retryNumLeft': optional(UInt8), // default 33: 3 of 3 tries left
});
export type PINConfiguration = ValueOf<typeof PINConfiguration>;

export const PEPINCodes = sequence({
  'pin-Header': PEHeader,
  pinCodes: choice({
    pinconfig: sequenceOf(PINConfiguration, 1, 26),
    filePath: octetString(0, 8), // the codes are those of this other DF or ADF
  }),
});
export type PEPINCodes = ValueOf<typeof PEPINCodes>;

const PUKConfiguration = sequence({
  keyReference: UInt8,
  pukValue: secret(octetString(8, 8)),
  'maxNumOfAttemps-retryNumLeft': optional(UInt8), // default AA: 10 of 10 tries left
});

export const PEPUKCodes = sequence({
  'puk-Header': PEHeader,
  pukCodes: sequenceOf(PUKConfiguration, 1, 16),
});
export type PEPUKCodes = ValueOf<typeof PEPUKCodes>;
