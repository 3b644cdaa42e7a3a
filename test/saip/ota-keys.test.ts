// Where a subscription's OTA keys (TS 102 225) end up in the package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProfilePackage } from '../../src/saip/check.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { personalise } from '../../src/saip/personalise.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../src/saip/profile-element.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import type { OtaKey, Subscription } from '../../src/saip/subscription.ts';

const key = (byte: number, size = 16) => new Uint8Array(size).fill(byte);
const CORE: Subscription = {
  iccid: '8949440000009000074',
  imsi: '999700000900007',
  mncLength: 2,
  aka: { algorithm: 'milenage', k: key(1), opc: key(2) },
  puk1: '12345678',
  puk2: '12345678',
  adm: { adm1: '12345678' },
  sdKeys: [1, 2, 3].map((id) => ({ version: 1, id, key: key(9) })),
};

/** version/id: usage type data */
function keysOf(elements: readonly ProfileElement[]): Record<string, string> {
  const list = elementsOf(elements, 'securityDomain')[0]!.value.keyList ?? [];
  return Object.fromEntries(
    list.map((object) => {
      const [component] = object.keyComponents;
      const place = `${object.keyVersionNumber[0]}/${object.keyIdentifier[0]}`;
      const type = component!.keyType.toHex();
      return [place, `${object.keyUsageQualifier.toHex()} ${type} ${component!.keyData.toHex()}`];
    }),
  );
}

function make(otaKeys: OtaKey[], template = defaultTemplate()) {
  const upp = personalise(template, { ...CORE, otaKeys });
  assert.deepEqual(checkProfilePackage(upp, CORE), []);
  return keysOf(decodeProfilePackage(upp));
}

/** The default template with a modified security domain. */
function changed(
  change: (value: ReturnType<typeof elementsOf<'securityDomain'>>[number]['value']) => void,
): Uint8Array {
  const elements = decodeProfilePackage(defaultTemplate());
  for (const { value } of elementsOf(elements, 'securityDomain')) change(value);
  return encodeProfilePackage(elements);
}

void test('TS 102 225 annex A: set N has key version N; KIc, KID and KIK have identifiers 1, 2 and 3', () => {
  const keys = make(
    [1, 2, 15].flatMap((version) =>
      ([1, 2, 3] as const).map((id) => ({ version, id, key: key(16 * id + version) })),
    ),
  );
  assert.deepEqual(keys, {
    '1/1': `18 88 ${'11'.repeat(16)}`,
    '1/2': `14 88 ${'21'.repeat(16)}`,
    '1/3': `48 88 ${'31'.repeat(16)}`,
    '2/1': `18 88 ${'12'.repeat(16)}`,
    '2/2': `14 88 ${'22'.repeat(16)}`,
    '2/3': `48 88 ${'32'.repeat(16)}`,
    '15/1': `18 88 ${'1f'.repeat(16)}`,
    '15/2': `14 88 ${'2f'.repeat(16)}`,
    '15/3': `48 88 ${'3f'.repeat(16)}`,
  });
});

void test('missing keys stay the template’s or derived ones', () => {
  const keys = make([{ version: 1, id: 2, key: key(5, 32) }]);
  assert.deepEqual(keys, {
    '1/1': `18 88 ${'09'.repeat(16)}`,
    '1/2': `14 88 ${'05'.repeat(32)}`,
    '1/3': `48 88 ${'09'.repeat(16)}`,
  });
});

void test('a key has the template’s algorithm, unless the subscription specifies another', () => {
  const des = changed((value) => {
    value.keyList = value.keyList!.map((object) => ({
      ...object,
      keyUsageQualifier: Uint8Array.of(0x38),
      keyComponents: [{ keyType: Uint8Array.of(0x80), keyData: key(0), macLength: 4 }],
    }));
  });
  const keys = make(
    [
      { version: 1, id: 1, key: key(1, 24) },
      { version: 2, id: 1, key: key(2) },
      { version: 3, id: 1, key: key(3, 32), algorithm: 'aes' },
    ],
    des,
  );
  assert.deepEqual(
    [keys['1/1'], keys['2/1'], keys['3/1']],
    [`38 80 ${'01'.repeat(24)}`, `18 80 ${'02'.repeat(16)}`, `18 88 ${'03'.repeat(32)}`],
  );
  assert.equal(
    make([{ version: 1, id: 1, key: key(4), algorithm: '3des' }])['1/1'],
    `18 80 ${'04'.repeat(16)}`,
  );
});

void test('a key unsuitable for the algorithm, or without a place, is refused', () => {
  const refused = (code: string, where: string, otaKeys: OtaKey[], template?: Uint8Array) =>
    assert.throws(
      () => make(otaKeys, template),
      (error) => error instanceof SaipError && error.code === code && error.where === where,
    );
  refused('bad-size', 'securityDomain/key 1/1', [
    { version: 1, id: 1, key: key(1, 32), algorithm: '3des' },
  ]);
  const elements = decodeProfilePackage(defaultTemplate());
  const without = encodeProfilePackage(elements.filter(({ name }) => name !== 'securityDomain'));
  assert.throws(
    () =>
      personalise(without, { ...CORE, sdKeys: [], otaKeys: [{ version: 1, id: 1, key: key(1) }] }),
    (error) => error instanceof SaipError && error.code === 'missing-target',
  );
});

void test('the shared template is not modified', () => {
  const template = defaultTemplate();
  const before = template.toHex();
  make([{ version: 2, id: 1, key: key(7) }], template);
  assert.equal(template.toHex(), before);
});
