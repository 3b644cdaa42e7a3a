// Many packages from one template: each is the same as with a template decoded only for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkElements, checkProfilePackage } from '../../src/saip/check.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { isKeptAs, keep } from '../../src/saip/kept.ts';
import { personalise, personaliseShared } from '../../src/saip/personalise.ts';
import {
  decodeProfileElement,
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
  splitProfilePackage,
} from '../../src/saip/profile-element.ts';
import { ownElementsOf, shareTemplate } from '../../src/saip/shared-template.ts';
import type { Subscription } from '../../src/saip/subscription.ts';
import { operatorTemplate } from './operator-template.ts';

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

function subscriptionOf(n: number): Subscription {
  return {
    iccid: `898830300000000001${n}`,
    imsi: `00101000000000${n}`,
    mncLength: 2,
    aka: { algorithm: 'milenage', k: bytes(16, n + 1), opc: bytes(16, n + 2) },
    pin1: `123${n}`,
    puk1: `1234567${n}`,
    adm: { adm1: `1357246${n}` },
  };
}

const templates = {
  default: defaultTemplate(),
  'with ISIM': defaultTemplate({ isim: true, pcscf: ['192.0.2.1'] }),
  "an operator's": encodeProfilePackage(operatorTemplate()),
};

for (const [name, template] of Object.entries(templates)) {
  void test(`${name}: packages from a shared template equal those from separate ones`, () => {
    const shared = shareTemplate(template);
    for (const n of [1, 2, 1, 3]) {
      const subscription = subscriptionOf(n);
      const { upp } = personaliseShared(shared, subscription);
      assert.deepEqual(upp, personalise(template, subscription));
    }
    assert.deepEqual(encodeProfilePackage(shared.elements), template);
  });

  void test(`${name}: the elements read back are those of the bytes`, () => {
    const shared = shareTemplate(template);
    for (const n of [4, 5]) {
      const { upp, elements } = personaliseShared(shared, subscriptionOf(n));
      assert.deepEqual(elements, decodeProfilePackage(upp));
    }
  });

  void test(`${name}: checking the elements has the same findings as checking the bytes`, () => {
    const shared = shareTemplate(template);
    for (const n of [6, 7, 8]) {
      const { upp, elements } = personaliseShared(shared, subscriptionOf(n));
      const expected = { iccid: subscriptionOf(6).iccid, imsi: subscriptionOf(7).imsi };
      assert.deepEqual(checkElements(elements, expected), checkProfilePackage(upp, expected));
    }
  });
}

void test('a shared template is read-only, but copies of its elements are not', () => {
  const { elements } = shareTemplate(defaultTemplate());
  const [header] = elementsOf(elements, 'header');
  assert.throws(() => (header!.value.profileType = 'other'), TypeError);
  const own = [...elements];
  ownElementsOf(own, 'header')[0]!.value.profileType = 'other';
  assert.equal(elementsOf(own, 'header')[0]!.value.profileType, 'other');
  assert.notEqual(header!.value.profileType, 'other');
});

void test('faults in the files of a template are found in each of its packages', () => {
  const elements = decodeProfilePackage(defaultTemplate());
  const [telecom] = elementsOf(elements, 'telecom');
  telecom!.value['ef-adn'] = [
    { choice: 'fillFileContent', value: bytes(1, 0) },
    { choice: 'fileDescriptor', value: {} },
  ];
  const [usim] = elementsOf(elements, 'usim');
  usim!.value['ef-est'] = [{ choice: 'doNotCreate', value: true }];
  const shared = shareTemplate(encodeProfilePackage(elements));
  for (const n of [1, 2]) {
    const { elements: made } = personaliseShared(shared, subscriptionOf(n));
    const wheres = checkElements(made).map(({ rule, where }) => `${rule} ${where}`);
    for (const finding of ['file-form telecom/ef-adn', 'file-required usim/ef-est']) {
      assert.ok(wheres.includes(finding), `${finding} is not in ${wheres.join(', ')}`);
    }
  }
});

void test('bytes that differ from the expected value are decoded', () => {
  const { elements } = shareTemplate(templates.default);
  const changed = templates.default.slice();
  const at = splitProfilePackage(changed)[5]!.offset;
  changed[changed.indexOf(0x83, at) + 2]! ^= 0x01; // the last byte of a file ID, somewhere in the USIM
  const raw = splitProfilePackage(changed)[5]!;
  assert.deepEqual(decodeProfileElement(raw, elements[5]), decodeProfileElement(raw));
  assert.notDeepEqual(decodeProfileElement(raw, elements[5]), elements[5]);
});

void test('a value is kept with a single content', () => {
  const value = { inner: [bytes(2, 1)] };
  assert.equal(isKeptAs(value, bytes(2, 1)), false);
  keep(value, bytes(2, 1));
  assert.equal(isKeptAs(value, bytes(2, 1)), true);
  assert.equal(isKeptAs(value, bytes(2, 2)), false);
  assert.equal(isKeptAs(value, bytes(3, 1)), false);
  assert.ok(Object.isFrozen(value.inner));
});
