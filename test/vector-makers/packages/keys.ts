// The keys of applications and of security domains.
import assert from 'node:assert/strict';
import type { ElementValue } from '../../../src/saip/profile-element.ts';
import { invalid, valid, type Group, type VectorFile } from '../vector-file.ts';
import {
  changeFirst,
  demanding,
  large,
  notDemanding,
  small,
  without,
  type Change,
} from './base.ts';

type AlgoParameter = Extract<
  ElementValue<'akaParameter'>['algoConfiguration'],
  { choice: 'algoParameter' }
>['value'];

const filled = (size: number, byte = 1): Uint8Array => new Uint8Array(size).fill(byte);

const algoParameter = (change: (value: AlgoParameter) => void): Change =>
  changeFirst('akaParameter', ({ algoConfiguration }) => {
    assert.equal(algoConfiguration.choice, 'algoParameter');
    if (algoConfiguration.choice === 'algoParameter') change(algoConfiguration.value);
  });

/** Keys of these sizes in bytes. */
export const withAlgorithm = (algorithmID: number, key: number, opc: number, byte = 1): Change =>
  algoParameter((value) =>
    Object.assign(value, { algorithmID, key: filled(key, byte), opc: filled(opc, byte) }),
  );

export function keysVectors(): VectorFile {
  return {
    name: 'packages/keys',
    title: 'Keys of applications and security domains',
    judges: 'profile package',
    groups: [ofPresence(), ofSizes(), ofAkaPlaceholders(), ofDomainKeys(), ofDomainPlaceholders()],
  };
}

const AKA = 'akaParameter/algoParameter';
const instead = (service: 'tuak128' | 'tuak256' | 'usim-test-algorithm'): Change[] => [
  notDemanding('milenage'),
  demanding(service),
];

function ofPresence(): Group {
  const lastAka: Change = (elements) => {
    const last = elements.findLast(({ name }) => name === 'akaParameter');
    return elements.filter((element) => element !== last);
  };
  return {
    rule: 'aka-present: each application that authenticates has its parameters before the next one begins',
    clause: 'TCA profile package, PE-AKAParameter, PE-CDMAParameter',
    tests: [
      valid('USIM, CSIM and ISIM, each with its own; the ISIM takes those of the USIM', large()),
      invalid('usim/aka-present', 'a USIM without', small(without('akaParameter'))),
      invalid('isim/aka-present', 'an ISIM without', large(lastAka)),
      invalid('csim/aka-present', 'a CSIM without cdmaParameter', large(without('cdmaParameter'))),
      invalid(
        'usim/aka-present',
        'the parameters stand before the USIM',
        small((elements) => {
          const aka = elements.find(({ name }) => name === 'akaParameter')!;
          return elements.filter((element) => element !== aka).toSpliced(4, 0, aka);
        }),
      ),
    ],
  };
}

function ofSizes(): Group {
  const refused = `${AKA}/aka-key`;
  return {
    rule: 'aka-key: K and OPc, or K and TOPc, in the sizes of the algorithm',
    clause: 'TCA profile package, AlgoParameter; TS 35.205, TS 35.231',
    tests: [
      valid('MILENAGE: 16 and 16', small(withAlgorithm(1, 16, 16))),
      invalid(refused, 'MILENAGE: K of 15', small(withAlgorithm(1, 15, 16))),
      invalid(refused, 'MILENAGE: K of 17', small(withAlgorithm(1, 17, 16))),
      invalid(refused, 'MILENAGE: OPc of 15', small(withAlgorithm(1, 16, 15))),
      invalid(refused, 'MILENAGE: OPc of 32', small(withAlgorithm(1, 16, 32))),
      valid('TUAK: 16 and 32', small(withAlgorithm(2, 16, 32), ...instead('tuak128'))),
      valid('TUAK: 32 and 32', small(withAlgorithm(2, 32, 32), ...instead('tuak256'))),
      invalid(refused, 'TUAK: K of 24', small(withAlgorithm(2, 24, 32), ...instead('tuak128'))),
      invalid(refused, 'TUAK: TOPc of 16', small(withAlgorithm(2, 16, 16), ...instead('tuak128'))),
      valid(
        'test algorithm: 16 and 16',
        small(withAlgorithm(3, 16, 16), ...instead('usim-test-algorithm')),
      ),
      valid(
        'test algorithm: 16, and an empty OPc',
        small(withAlgorithm(3, 16, 0), ...instead('usim-test-algorithm')),
      ),
      invalid(
        refused,
        'test algorithm: K of 32',
        small(withAlgorithm(3, 32, 16), ...instead('usim-test-algorithm')),
      ),
      invalid(refused, 'algorithm 0', small(withAlgorithm(0, 16, 16))),
      invalid(refused, 'algorithm 4', small(withAlgorithm(4, 16, 16))),
    ],
  };
}

function ofAkaPlaceholders(): Group {
  const refused = `${AKA}/placeholder-secret`;
  const zero = (name: 'key' | 'opc'): Change =>
    algoParameter((value) => {
      value[name] = filled(value[name].length, 0);
    });
  return {
    rule: 'placeholder-secret: K and OPc are not the zeros of a template',
    clause: 'a rule of Simwright: such a profile is known to everybody',
    tests: [
      valid(
        'one bit of K is set',
        small(
          algoParameter((value) => {
            value.key = filled(16, 0).with(15, 1);
          }),
        ),
      ),
      invalid(refused, 'K is zero', small(zero('key'))),
      invalid(refused, 'OPc is zero', small(zero('opc'))),
      invalid(
        refused,
        'TOPc is zero',
        small(withAlgorithm(2, 16, 32), zero('opc'), ...instead('tuak128')),
      ),
      valid(
        'test algorithm, which ignores OPc: zero',
        small(withAlgorithm(3, 16, 16), zero('opc'), ...instead('usim-test-algorithm')),
      ),
      invalid(
        refused,
        'test algorithm: K is zero',
        small(withAlgorithm(3, 16, 16, 0), ...instead('usim-test-algorithm')),
      ),
    ],
  };
}

/** The key 2/1 of the security domain, AES. */
const domainKey = (type: number, keyData: Uint8Array): Change =>
  changeFirst('securityDomain', ({ keyList }) => {
    const component = keyList?.[2]?.keyComponents[0];
    assert.ok(component);
    Object.assign(component, { keyType: Uint8Array.of(type), keyData });
  });

const DES = 0x80;
const PSK = 0x85;
const AES = 0x88;

function ofDomainKeys(): Group {
  const refused = 'securityDomain/key 2/1/security-domain-key';
  const sizes = (type: number, name: string, right: number[], wrong: number[]) => [
    ...right.map((size) => valid(`${name}: ${size} bytes`, large(domainKey(type, filled(size))))),
    ...wrong.map((size) =>
      invalid(refused, `${name}: ${size} bytes`, large(domainKey(type, filled(size)))),
    ),
  ];
  return {
    rule: 'security-domain-key: one key for each version and identifier, in a size of its type',
    clause: 'GP card specification §11.1.8, §11.1.9; TCA profile package, KeyObject',
    tests: [
      ...sizes(AES, 'AES', [16, 24, 32], [15, 20, 33]),
      ...sizes(DES, 'DES', [16, 24], [8, 15, 32]),
      valid(
        'a type whose sizes nobody knows here: a PSK of 20 bytes',
        large(domainKey(PSK, filled(20))),
      ),
      invalid(
        'securityDomain/key 1/1/security-domain-key',
        'version 1, identifier 1 twice',
        large(
          changeFirst('securityDomain', ({ keyList }) => {
            keyList?.push(...keyList.slice(0, 1));
          }),
        ),
      ),
    ],
  };
}

function ofDomainPlaceholders(): Group {
  return {
    rule: 'placeholder-secret: the keys of a security domain are not the zeros of a template',
    clause: 'a rule of Simwright: such a profile can be changed by everybody',
    tests: [
      valid('one bit is set', large(domainKey(AES, filled(16, 0).with(0, 0x80)))),
      invalid(
        'securityDomain/key 2/1/placeholder-secret',
        'zero',
        large(domainKey(AES, filled(16, 0))),
      ),
    ],
  };
}
