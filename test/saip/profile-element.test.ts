// Whole profile packages: split, decode, encode, and everything that must be refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { concat } from '../../src/saip/asn1-type.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import {
  decodeProfilePackage,
  encodeProfilePackage,
  peHeaderOf,
  splitProfilePackage,
} from '../../src/saip/profile-element.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import { operatorTemplate } from './operator-template.ts';
import { randomFrom } from './random.ts';

const operator = encodeProfilePackage(operatorTemplate());
const packages = {
  'default template': defaultTemplate(),
  'default template with ISIM': defaultTemplate({ isim: true, pcscf: ['10.1.2.3', 'p.example'] }),
  'operator template': operator,
};

interface PackageVector {
  name: string;
  hex: string;
  elements?: string[]; // accepted: the names
  code?: string; // refused: with this code at this place
  where?: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/profile-elements.json', import.meta.url), 'utf8'),
) as { cases: PackageVector[] };

for (const { name, hex, elements, code, where } of vectors.cases) {
  const upp = Uint8Array.fromHex(hex.replaceAll(' ', ''));
  if (elements) {
    void test(`accepted: ${name}`, () => {
      const decoded = decodeProfilePackage(upp);
      assert.deepEqual(
        decoded.map((element) => element.name),
        elements,
      );
      assert.deepEqual(encodeProfilePackage(decoded), upp);
    });
  } else {
    void test(`refused: ${name}`, () => {
      assert.throws(
        () => decodeProfilePackage(upp),
        (error) => {
          assert.ok(error instanceof SaipError);
          assert.deepEqual({ code: error.code, where: error.where }, { code, where });
          return true;
        },
      );
    });
  }
}

for (const [name, upp] of Object.entries(packages)) {
  void test(`${name}: its concatenated elements are the package`, () => {
    assert.deepEqual(concat(splitProfilePackage(upp).map(({ bytes }) => bytes)), upp);
  });

  void test(`${name}: decoding and encoding gives the same bytes`, () => {
    assert.deepEqual(encodeProfilePackage(decodeProfilePackage(upp)), upp);
  });

  void test(`${name}: truncated at each byte it is refused, or loses whole elements`, () => {
    const ends = new Set(splitProfilePackage(upp).map(({ offset }) => offset));
    for (let length = 0; length < upp.length; length++) {
      const cut = upp.subarray(0, length);
      if (length > 0 && ends.has(length)) decodeProfilePackage(cut);
      else assert.throws(() => decodeProfilePackage(cut), SaipError, `cut at ${length}`);
    }
  });
}

void test('the operator template decodes to its original values', () => {
  assert.deepEqual(decodeProfilePackage(operator), operatorTemplate());
});

void test('untyped elements keep their bytes and expose their PEHeader', () => {
  const csim = decodeProfilePackage(operator).find(({ name }) => name === 'csim');
  assert.ok(csim && 'bytes' in csim);
  assert.equal(csim.bytes.toHex(), 'b90da0058000810120810401020304');
  assert.deepEqual(peHeaderOf(csim), { mandated: true, identification: 32 });
});

void test('changed bytes: either refused with a SaipError, or written back unchanged', () => {
  const random = randomFrom(20260823);
  const sources = Object.values(packages);
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const source = sources[random(sources.length)];
    assert.ok(source);
    const upp = source.slice();
    for (let i = 0; i <= random(3); i++) upp[random(upp.length)] = random(256);
    try {
      assert.deepEqual(encodeProfilePackage(decodeProfilePackage(upp)), upp);
    } catch (error) {
      assert.ok(error instanceof SaipError, `round ${round}: ${String(error)}`);
      refused += 1;
    }
  }
  assert.ok(refused > 300, `only ${refused} refused`);
});
