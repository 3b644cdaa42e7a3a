// PE-AKAParameter: algorithm and keys of the NAA created just before it, or a reference to another NAA's.
import { integer, octetString, secret } from './asn1-primitive.ts';
import { choice, optional, sequence, sequenceOf } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { ApplicationIdentifier, PEHeader, UInt8 } from './pe-header.ts';

export const ALGORITHM_IDS = { milenage: 1, tuak: 2, 'usim-test-algorithm': 3 } as const;
export type AlgorithmName = keyof typeof ALGORITHM_IDS;

const sqn = octetString(6, 6);

const MappingParameter = sequence({
  mappingOptions: octetString(1, 1),
  mappingSource: ApplicationIdentifier,
});

export const AlgoParameter = sequence({
  algorithmID: integer(0, 255, ['0', ...Object.keys(ALGORITHM_IDS)]),
  algorithmOptions: octetString(1, 1),
  key: secret(octetString()),
  opc: secret(octetString()), // OPc of MILENAGE, TOPc of TUAK
  rotationConstants: optional(octetString(5, 5)), // default 4000204060
  xoringConstants: optional(octetString(80, 80)), // default: see milenage.ts
  authCounterMax: optional(octetString(3, 3)),
  numberOfKeccak: optional(UInt8), // default 1
});
export type AlgoParameter = ValueOf<typeof AlgoParameter>;

export const PEAKAParameter = sequence({
  'aka-header': PEHeader,
  algoConfiguration: choice({ mappingParameter: MappingParameter, algoParameter: AlgoParameter }),
  sqnOptions: optional(octetString(1, 1)), // default 02
  sqnDelta: optional(sqn), // default 000010000000
  sqnAgeLimit: optional(sqn), // default 000010000000
  sqnInit: optional(sequenceOf(sqn, 32, 32)), // default zero
});
export type PEAKAParameter = ValueOf<typeof PEAKAParameter>;
