// Compiled templates: the package is, byte for byte, the one made and checked field by field.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkElements } from '../../src/saip/check.ts';
import { compileTemplate, fillCompiled, hasPlaceholder } from '../../src/saip/compile-template.ts';
import type { CompiledTemplate } from '../../src/saip/compile-template.ts';
import { personaliseShared } from '../../src/saip/personalise.ts';
import { personalisationOf } from '../../src/saip/personalisation.ts';
import { decodeProfilePackage, encodeProfilePackage } from '../../src/saip/profile-element.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import { sampleOf } from '../../src/saip/sample-subscription.ts';
import { shapeOf, valuesOf } from '../../src/saip/shape.ts';
import { shareTemplate } from '../../src/saip/shared-template.ts';
import type { SharedTemplate } from '../../src/saip/shared-template.ts';
import type { Subscription } from '../../src/saip/subscription.ts';
import { operatorTemplate } from './operator-template.ts';
import { randomSubscription } from './random-subscription.ts';
import { randomFrom } from './random.ts';
import { TEMPLATES } from './templates.ts';

const SHAPES = 25;
const SUBSCRIPTIONS = 20;

/** The package with every check; undefined if it is refused. */
function slowly(template: SharedTemplate, subscription: Subscription): Uint8Array | undefined {
  try {
    const { upp, elements } = personaliseShared(template, subscription);
    return checkElements(elements, subscription).length === 0 ? upp : undefined;
  } catch (error) {
    assert.ok(error instanceof SaipError, String(error));
    return undefined;
  }
}

/** As in production; `compiled` has those of all shapes so far. */
function fast(
  template: SharedTemplate,
  subscription: Subscription,
  compiled: Map<string, CompiledTemplate | undefined>,
): Uint8Array | undefined {
  try {
    const personalisation = personalisationOf(template.elements, subscription);
    if (hasPlaceholder(personalisation)) return undefined;
    const shape = shapeOf(personalisation);
    if (!compiled.has(shape)) compiled.set(shape, compileTemplate(template, subscription));
    const known = compiled.get(shape);
    return known && fillCompiled(known, valuesOf(personalisation));
  } catch (error) {
    assert.ok(error instanceof SaipError, String(error));
    return undefined;
  }
}

describe('a package from a compiled template equals the one made field by field', () => {
  Object.entries(TEMPLATES).forEach(([name, bytes], index) => {
    test(name, () => {
      const template = shareTemplate(bytes);
      const below = randomFrom(1 + index);
      const compiled = new Map<string, CompiledTemplate | undefined>();
      let [equal, refused] = [0, 0];
      for (let n = 0; n < SHAPES * SUBSCRIPTIONS; n += 1) {
        const shape = randomFrom(1000 * index + (n % SHAPES));
        const subscription = randomSubscription(template.elements, shape, below);
        const expected = slowly(template, subscription);
        const upp = fast(template, subscription, compiled);
        if (expected === undefined) {
          assert.equal(upp, undefined, `${n}: refused field by field, but not compiled`);
          refused += 1;
        } else if (upp === undefined) {
          const isZero = hasPlaceholder(personalisationOf(template.elements, subscription));
          assert.ok(isZero || subscription.ims !== undefined, `${n}: not compiled`);
        } else {
          assert.equal(Buffer.compare(upp, expected), 0, `${n}: another package`);
          equal += 1;
        }
      }
      assert.ok(equal > 0.7 * SHAPES * SUBSCRIPTIONS, `only ${equal} packages were compared`);
      assert.ok(refused > 0, 'none was refused');
    });
  });
});

const CORE: Subscription = {
  iccid: '8988303000000000017',
  imsi: '310260123456789',
  mncLength: 3,
  aka: { algorithm: 'milenage', k: random(16), opc: random(16) },
  pin1: '4711',
  puk1: '91827364',
  puk2: '46372819',
  adm: { adm1: '0f1e2d3c4b5a6978' },
};
const LIKE: Subscription = {
  ...CORE,
  sdKeys: [1, 2, 3].map((id) => ({ version: 1, id, key: random(16) })),
  otaKeys: [{ version: 2, id: 1, key: random(24), algorithm: '3des' }],
  msisdn: '+15551234567',
};

function random(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

describe('compileTemplate', () => {
  const template = shareTemplate(TEMPLATES['with ISIM']!);

  test('keeps no value of the subscription: zeros in every place, and everywhere else the template', () => {
    const { upp, places } = compileTemplate(template, LIKE)!;
    const personalisation = personalisationOf(template.elements, LIKE);
    const kept = Buffer.from(upp);
    for (const value of valuesOf(personalisation).filter(({ length }) => length >= 8)) {
      assert.equal(kept.includes(value), false, value.toHex());
    }
    for (const { offset, size } of places) {
      assert.deepEqual(upp.subarray(offset, offset + size), new Uint8Array(size));
    }
    const other = { ...LIKE, ...sampleOf(LIKE, 7) };
    assert.deepEqual(compileTemplate(template, other), { upp, places });
  });

  test('a value is in as many places as the template has, none of which overlap', () => {
    const { places } = compileTemplate(template, LIKE)!;
    const values = valuesOf(personalisationOf(template.elements, LIKE));
    const { aka } = LIKE;
    const countOf = (value: Uint8Array) =>
      places.filter((place) => Buffer.compare(values[place.value]!, value) === 0).length;
    assert.equal(countOf(aka.k), 2, 'K of the USIM and the ISIM');
    assert.equal(aka.algorithm === 'milenage' && countOf(aka.opc), 2);
    places.reduce((end, { offset, size }) => {
      assert.ok(offset >= end, `${offset} is before ${end}`);
      return offset + size;
    }, 0);
  });

  test('a copy is filled in, the compiled template stays as it is', () => {
    const compiled = compileTemplate(template, LIKE)!;
    const before = compiled.upp.slice();
    const values = valuesOf(personalisationOf(template.elements, LIKE));
    const upp = fillCompiled(compiled, values);
    assert.deepEqual(compiled.upp, before);
    assert.deepEqual(upp, slowly(template, LIKE));
  });

  test('a key of the domain that an OTA key replaces has no place', () => {
    const otaKeys = [{ version: 1, id: 1, key: random(16) }] as const;
    const { places } = compileTemplate(template, { ...LIKE, otaKeys })!;
    const values = valuesOf(personalisationOf(template.elements, { ...LIKE, otaKeys }));
    const placed = new Set(places.map(({ value }) => values[value]));
    assert.equal(placed.has(LIKE.sdKeys![0]!.key), false);
    assert.equal(placed.has(otaKeys[0].key), true);
  });

  test('a template whose packages have findings is not compiled', () => {
    const elements = decodeProfilePackage(encodeProfilePackage(operatorTemplate()));
    const twice = shareTemplate(encodeProfilePackage([...elements.slice(0, -1), elements[1]!]));
    assert.equal(compileTemplate(twice, LIKE), undefined);
  });

  test('nor is a shape for which the template has no place', () => {
    const small = shareTemplate(TEMPLATES['smallest']!);
    assert.equal(compileTemplate(small, LIKE), undefined);
    assert.ok(compileTemplate(small, CORE));
  });

  test('nor are IMS identities of its own: which records are written depends on them', () => {
    assert.equal(compileTemplate(template, { ...LIKE, ims: { domain: 'a.example' } }), undefined);
  });
});
