// Secrets that all packages of a template would share are found everywhere: TS.48's A-key, and the others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkProfilePackage } from '../../src/saip/check.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { findNotPersonalised } from '../../src/saip/not-personalised.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../src/saip/profile-element.ts';
import type { KeyObject } from '../../src/saip/security-domain.ts';
import { zeroSecrets } from '../../src/saip/zero-secrets.ts';
import { operatorTemplate } from './operator-template.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

/** Our own template with additional elements before its end. */
function withElements(...elements: ProfileElement[]): ProfileElement[] {
  return decodeProfilePackage(defaultTemplate()).toSpliced(-1, 0, ...elements);
}

const opaque = (name: 'application' | 'cdmaParameter', digits: string): ProfileElement => ({
  name,
  bytes: hex(digits),
});

function placesOf(elements: readonly ProfileElement[], isSecret = true): string[] {
  return findNotPersonalised(elements)
    .filter((found) => found.isSecret === isSecret)
    .map(({ where }) => where);
}

/** Header 8000 8101 22, then these fields. */
function tlv(tag: string, fields: string): string {
  const contents = `a0058000810122${fields}`;
  return tag + (contents.length / 2).toString(16).padStart(2, '0') + contents;
}

describe('values shared by all packages of a template', () => {
  test('do not exist in our own', () => {
    for (const template of [defaultTemplate(), defaultTemplate({ isim: true })]) {
      assert.deepEqual(findNotPersonalised(decodeProfilePackage(template)), []);
    }
  });

  test("in an operator's are listed element by element", () => {
    assert.deepEqual(placesOf(operatorTemplate()), [
      'pukCodes/1',
      'pukCodes/129',
      'pinCodes/10',
      'pinCodes/11',
      'cdmaParameter/authenticationKey',
      'securityDomain A000000151000000/key 1/1',
      'securityDomain A000000151000000/key 1/2',
      'securityDomain A000000151000000/key 2/1',
      'securityDomain A000000151000000/processData',
    ]);
    assert.deepEqual(placesOf(operatorTemplate(), false), [
      'csim',
      'securityDomain A000000151000000/sdPersoData',
    ]);
  });

  test('include all keys of a cdmaParameter, or a malformed one', () => {
    const all = tlv(
      'a5',
      `8108${'41'.repeat(8)}8210${'42'.repeat(16)}830201028403010203850401020304`,
    );
    assert.deepEqual(placesOf(withElements(opaque('cdmaParameter', all))), [
      'cdmaParameter/authenticationKey',
      'cdmaParameter/ssd',
      'cdmaParameter/hrpdAccessAuthenticationData',
      'cdmaParameter/simpleIPAuthenticationData',
      'cdmaParameter/mobileIPAuthenticationData',
    ]);
    const short = opaque('cdmaParameter', tlv('a5', '810141'));
    assert.deepEqual(placesOf(withElements(short)), ['cdmaParameter']);
  });

  test('include the personalisation data of an application, or a malformed one', () => {
    const aid = 'a0000000010203';
    const instance = (more: string) => `4f07${aid}4f07${aid}4f07${aid}820100c901ff${more}`;
    const wrapped = (more: string) => {
      const fields = instance(more);
      const size = (fields.length / 2).toString(16).padStart(2, '0');
      const outer = (fields.length / 2 + 2).toString(16).padStart(2, '0');
      return tlv('a8', `a2${outer}30${size}${fields}`);
    };
    const plain = withElements(opaque('application', wrapped('')));
    assert.deepEqual(placesOf(plain), []);
    assert.deepEqual(placesOf(plain, false), [
      'application A0000000010203/applicationSpecificParametersC9',
    ]);
    const personalised = withElements(opaque('application', wrapped('300404020102')));
    assert.deepEqual(placesOf(personalised), ['application A0000000010203/processData']);
    const unreadable = withElements(opaque('application', tlv('a8', 'a10100')));
    assert.deepEqual(placesOf(unreadable), ['application']);
  });

  test('include EAP keys, Simple IP passwords, and unreadable elements', () => {
    const eap = tlv('bb', 'a103060101a202a000a3048302aabb');
    assert.deepEqual(placesOf(withElements({ name: 'eap', bytes: hex(eap) })), ['eap/ef-eapkeys']);
    const csim = { name: 'opt-csim', bytes: hex(tlv('ba', 'a902a000b302a000bf2e02a000')) } as const;
    assert.deepEqual(placesOf(withElements(csim)), [
      'opt-csim/ef-sippapss',
      'opt-csim/ef-hidden-key',
    ]);
    const others = ['nonStandard', 'unknown'] as const;
    const elements = others.map((name) => ({ name, bytes: hex(tlv('a9', '')) }));
    assert.deepEqual(placesOf(withElements(...elements)), ['nonStandard', 'unknown']);
  });

  test('include PINs and PUKs that no subscription supplies, and filled key files', () => {
    const elements = withElements();
    const [pins, puks] = [
      elementsOf(elements, 'pinCodes')[0]!,
      elementsOf(elements, 'pukCodes')[0]!,
    ];
    assert.ok(pins.value.pinCodes.choice === 'pinconfig');
    pins.value.pinCodes.value.push({ keyReference: 2, pinValue: hex('31323334ffffffff') });
    puks.value.pukCodes.push({ keyReference: 2, pukValue: hex('3030303030303030') });
    elementsOf(elements, 'usim')[0]!.value['ef-keys'] = [
      { choice: 'fillFileContent', value: hex('07ff0102') },
    ];
    assert.deepEqual(placesOf(elements), ['pukCodes/2', 'pinCodes/2', 'usim/ef-keys']);
  });

  test('include secret keys, also of SCP81 and other security domains, but not public ones', () => {
    const key = (version: number, ...types: number[]): KeyObject => ({
      keyUsageQualifier: hex('18'),
      keyIdentifier: hex('01'),
      keyVersionNumber: Uint8Array.of(version),
      keyComponents: types.map((type) => ({
        keyType: Uint8Array.of(type),
        keyData: hex('01'.repeat(16)),
      })),
    });
    const elements = withElements();
    const own = elementsOf(elements, 'securityDomain')[0]!;
    own.value.keyList = [
      key(0x40, 0x85),
      key(0x73, 0xa1, 0xa0),
      key(0x74, 0xb0),
      key(0x15, 0xb1, 0xf0),
    ];
    const other = structuredClone(own);
    other.value.instance.instanceAID = hex('a000000151000001');
    other.value.keyList = [key(0x30, 0x88)];
    other.value.sdPersoData = [hex('8f0101aa')];
    elements.splice(-1, 0, other);
    assert.deepEqual(placesOf(elements), [
      'securityDomain A000000151000000/key 64/1',
      'securityDomain A000000151000000/key 21/1',
      'securityDomain A000000151000001/key 48/1',
      'securityDomain A000000151000001/sdPersoData',
    ]);
  });

  test('do not reveal the values of secrets', () => {
    assert.doesNotMatch(
      JSON.stringify(findNotPersonalised(operatorTemplate())),
      /4141|3535|0123456789/,
    );
  });
});

test('derivable secrets are zeroed, for each subscription to fill', () => {
  const before = findNotPersonalised(operatorTemplate());
  const zeroed = zeroSecrets(operatorTemplate());
  assert.deepEqual(
    findNotPersonalised(zeroed),
    before.filter(({ canBeDerived }) => !canBeDerived),
  );
  assert.deepEqual(
    checkProfilePackage(encodeProfilePackage(zeroed)).filter(
      ({ rule }) => rule !== 'placeholder-secret',
    ),
    checkProfilePackage(encodeProfilePackage(operatorTemplate())),
  );
  assert.deepEqual(zeroSecrets(zeroed), zeroed);
});
