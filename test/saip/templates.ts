// Templates that differ in how often, where and in what form they contain the values of a subscription.
import { ALGORITHM_IDS } from '../../src/saip/aka-parameter.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../src/saip/profile-element.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { smallest } from '../vector-makers/packages/base.ts';
import { operatorTemplate } from './operator-template.ts';

const bytes = (size: number, value: number) => new Uint8Array(size).fill(value);

/** The default template with an ISIM, changed. */
function changed(change: (elements: ProfileElement[]) => void): Uint8Array {
  const elements = decodeProfilePackage(defaultTemplate({ isim: true }));
  change(elements);
  return encodeProfilePackage(elements);
}

/** A USIM and an ISIM with keys of their own, both of TUAK with K of 32 bytes. */
const tuak = changed((elements) => {
  for (const { value } of elementsOf(elements, 'akaParameter')) {
    value.algoConfiguration = {
      choice: 'algoParameter',
      value: {
        algorithmID: ALGORITHM_IDS.tuak,
        algorithmOptions: bytes(1, 1),
        key: bytes(32, 0),
        opc: bytes(32, 0),
        numberOfKeccak: 3,
      },
    };
  }
  const services = elementsOf(elements, 'header')[0]!.value['eUICC-Mandatory-services'];
  delete services.milenage;
  services.tuak256 = true;
});

/** Every code and key that can be derived, several times: ADM1 to ADM3, two security domains, four key sets. */
const manyCodes = changed((elements) => {
  const { pinCodes } = elementsOf(elements, 'pinCodes')[0]!.value;
  if (pinCodes.choice === 'pinconfig') {
    for (const keyReference of [0x0b, 0x0c]) {
      pinCodes.value.push({ keyReference, pinValue: bytes(8, 0x30), pinAttributes: 3 });
    }
  }
  const [domain] = elementsOf(elements, 'securityDomain');
  const [first] = domain!.value.keyList!;
  for (const version of [2, 3, 0x30]) {
    domain!.value.keyList!.push({
      ...first!,
      keyVersionNumber: bytes(1, version),
      keyComponents: [{ keyType: bytes(1, 0x88), keyData: bytes(version === 3 ? 32 : 16, 0) }],
    });
  }
  const other = structuredClone(domain!);
  other.value['sd-Header'].identification = 200;
  other.value.keyList = [{ ...first!, keyVersionNumber: bytes(1, 0x70) }];
  elements.splice(-1, 0, other);
});

/** Values in long records, with names, and patterns in place of contents. */
const patterns = changed((elements) => {
  const [usim] = elementsOf(elements, 'usim');
  usim!.value['ef-acc'] = [
    { choice: 'fileDescriptor', value: { proprietaryEFInfo: { fillPattern: bytes(2, 0x11) } } },
  ];
  const [optUsim] = elementsOf(elements, 'opt-usim');
  optUsim!.value['ef-msisdn'] = [
    {
      choice: 'fileDescriptor',
      value: {
        fileDescriptor: Uint8Array.fromHex('422100a0'),
        efFileSize: Uint8Array.fromHex('0280'), // four records of 160 bytes: lengths in the long form
        proprietaryEFInfo: { repeatPattern: Uint8Array.fromHex('0102') },
      },
    },
    { choice: 'fillFileContent', value: Buffer.from('My number') },
    { choice: 'fillFileContent', value: bytes(151, 0xff) },
    { choice: 'fillFileOffset', value: 200 },
    { choice: 'fillFileContent', value: bytes(3, 0x77) },
  ];
});

/** All codes and keys set, as by an operator who lets its profiles share them. */
const shared = changed((elements) => {
  for (const { value } of elementsOf(elements, 'pukCodes')) {
    for (const puk of value.pukCodes) puk.pukValue = Buffer.from('12345678');
  }
  for (const { value } of elementsOf(elements, 'pinCodes')) {
    if (value.pinCodes.choice !== 'pinconfig') continue;
    for (const pin of value.pinCodes.value) pin.pinValue = Buffer.from('87654321');
  }
  for (const { value } of elementsOf(elements, 'securityDomain')) {
    for (const key of value.keyList ?? []) key.keyComponents[0]!.keyData = bytes(16, 0xa5);
  }
});

export const TEMPLATES: Readonly<Record<string, Uint8Array>> = {
  default: defaultTemplate(),
  'with ISIM': defaultTemplate({ isim: true }),
  'with P-CSCF': defaultTemplate({ pcscf: ['192.0.2.1', 'pcscf.example.com'], profileType: 'ø' }),
  "an operator's": encodeProfilePackage(operatorTemplate()),
  smallest: encodeProfilePackage(smallest()),
  TUAK: tuak,
  'many codes and keys': manyCodes,
  'patterns and long records': patterns,
  'shared secrets': shared,
};
