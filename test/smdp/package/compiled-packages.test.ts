// Packages from compiled templates: compared with those made field by field, and what happens if they differ.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { checkElements } from '../../../src/saip/check.ts';
import { compileTemplate } from '../../../src/saip/compile-template.ts';
import type { CompiledTemplate } from '../../../src/saip/compile-template.ts';
import { defaultTemplate } from '../../../src/saip/default-template.ts';
import { personaliseShared } from '../../../src/saip/personalise.ts';
import { encodeProfilePackage } from '../../../src/saip/profile-element.ts';
import { shareTemplate } from '../../../src/saip/shared-template.ts';
import type { SharedTemplate } from '../../../src/saip/shared-template.ts';
import type { Subscription as SaipSubscription } from '../../../src/saip/subscription.ts';
import { COMPARED_ONE_IN, CompiledPackages } from '../../../src/smdp/package/compiled-packages.ts';
import type { Difference } from '../../../src/smdp/package/compiled-packages.ts';
import { toOpen } from '../../../src/smdp/package/open-template.ts';
import { makePackage, personaliseFor } from '../../../src/smdp/package/personalised-package.ts';
import type { Subscription } from '../../../src/smdp/stock/subscription.ts';

const ISIM = defaultTemplate({ isim: true });

const key = (byte: number, size = 16) => new Uint8Array(size).fill(byte);

function subscriptionOf(n: number, more: Partial<SaipSubscription> = {}): SaipSubscription {
  return {
    iccid: `89883030000${String(n).padStart(8, '0')}`,
    imsi: `3102601${String(n).padStart(8, '0')}`,
    mncLength: 3,
    aka: { algorithm: 'milenage', k: key(1 + (n % 200)), opc: key(201) },
    puk1: '12345678',
    puk2: '87654321',
    adm: { adm1: '13572468' },
    sdKeys: [1, 2, 3].map((id) => ({ version: 1, id, key: key(10 + id) })),
    msisdn: `+1555${String(n).padStart(7, '0')}`,
    ...more,
  };
}

/** Makes packages, and counts how. */
class Maker {
  readonly packages: CompiledPackages;
  readonly differences: Difference[] = [];
  slow = 0;
  readonly #template: SharedTemplate;

  constructor(template: SharedTemplate, compile?: typeof compileTemplate) {
    this.#template = template;
    this.packages = new CompiledPackages(template, compile);
  }

  make(subscription: SaipSubscription): Uint8Array {
    return this.packages.make(
      subscription,
      () => {
        this.slow += 1;
        return slowly(this.#template, subscription);
      },
      (difference) => this.differences.push(difference),
    );
  }
}

function slowly(template: SharedTemplate, subscription: SaipSubscription): Uint8Array {
  const { upp, elements } = personaliseShared(template, subscription);
  const [finding] = checkElements(elements, subscription);
  if (finding) throw new Error(finding.rule);
  return upp;
}

/** Compiles a template, for a test to damage the result. */
function compileAndHold(): { held: CompiledTemplate[]; compile: typeof compileTemplate } {
  const held: CompiledTemplate[] = [];
  const compile: typeof compileTemplate = (template, like) => {
    const compiled = compileTemplate(template, like)!;
    held.push(compiled);
    return compiled;
  };
  return { held, compile };
}

describe('packages from a compiled template', () => {
  test(`the first of a shape and one in ${COMPARED_ONE_IN} are also made field by field`, () => {
    const template = shareTemplate(ISIM);
    const maker = new Maker(template);
    for (let n = 0; n < 2 * COMPARED_ONE_IN; n += 1) {
      assert.deepEqual(maker.make(subscriptionOf(n)), slowly(template, subscriptionOf(n)));
    }
    assert.equal(maker.slow, 2);
    maker.make(subscriptionOf(0, { pin1: '1234' }));
    assert.equal(maker.slow, 3, 'the first of another shape');
    maker.make(subscriptionOf(1));
    assert.equal(maker.slow, 4, 'and again one in so many of the first shape');
    assert.deepEqual(maker.differences, []);
    assert.equal(maker.packages.kept.shapes, 2);
  });

  test('values that a check refuses are refused field by field, and nothing is kept', () => {
    const maker = new Maker(shareTemplate(ISIM));
    const zeroKeys = { algorithm: 'milenage', k: key(0), opc: key(0) } as const;
    for (const more of [{ aka: zeroKeys }, { puk1: '00000000' }, { adm: { adm1: '00000000' } }]) {
      assert.throws(() => maker.make(subscriptionOf(1, more)), { message: 'placeholder-secret' });
    }
    assert.throws(() => maker.make(subscriptionOf(1, { imsi: '1' })), { name: 'SaipError' });
    assert.equal(maker.packages.kept.shapes, 0);
    assert.deepEqual(maker.differences, []);
  });

  test('a shape that cannot be compiled is made field by field, without compiling it each time', () => {
    let compiled = 0;
    const template = shareTemplate(ISIM);
    const maker = new Maker(template, () => void (compiled += 1));
    for (let n = 0; n < 3; n += 1) {
      assert.deepEqual(maker.make(subscriptionOf(n)), slowly(template, subscriptionOf(n)));
    }
    assert.deepEqual([compiled, maker.slow, maker.differences], [1, 3, []]);
  });
});

describe('a comparison notices', () => {
  const template = shareTemplate(ISIM);
  const { places } = compileTemplate(template, subscriptionOf(1))!;

  test('a wrong offset of any place, and the package made field by field is delivered', () => {
    assert.equal(places.length, 19);
    for (const [at, { offset }] of places.entries()) {
      for (const by of [-1, 1]) {
        const { held, compile } = compileAndHold();
        const maker = new Maker(template, compile);
        maker.make(subscriptionOf(0));
        held[0]!.places[at]!.offset += by;
        for (let n = 1; n < COMPARED_ONE_IN; n += 1) maker.make(subscriptionOf(n));
        assert.equal(maker.differences.length, 0, 'not compared yet');
        const compared = subscriptionOf(COMPARED_ONE_IN);
        assert.deepEqual(maker.make(compared), slowly(template, compared));
        assert.equal(maker.differences.length, 1, `${at} by ${by}`);
        const [difference] = maker.differences;
        assert.ok(Math.abs(difference!.offset! - offset) <= 40, `${difference!.offset}`);
        assert.equal(difference!.uncompared, COMPARED_ONE_IN - 1);
        assert.equal(maker.slow, 2);
      }
    }
  });

  test('a place that is missing, one too many, and a changed byte of the template', () => {
    const damages: ((compiled: CompiledTemplate) => void)[] = [
      ({ places: those }) => (those as unknown[]).pop(),
      ({ places: those }) => (those as unknown[]).push({ ...those[0], offset: 500 }),
      ({ upp }) => void (upp[upp.length - 1]! ^= 1),
    ];
    for (const damage of damages) {
      const { held, compile } = compileAndHold();
      const maker = new Maker(template, (...of) => {
        compile(...of);
        damage(held[0]!);
        return held[0];
      });
      assert.deepEqual(maker.make(subscriptionOf(3)), slowly(template, subscriptionOf(3)));
      assert.equal(maker.differences.length, 1);
      assert.equal(maker.differences[0]!.uncompared, 0, 'the first package of a shape is compared');
    }
  });

  test('packages of another length', () => {
    const maker = new Maker(template, (...of) => {
      const { upp, places: those } = compileTemplate(...of)!;
      return { upp: Uint8Array.of(...upp, 0), places: those };
    });
    const expected = slowly(template, subscriptionOf(3));
    assert.deepEqual(maker.make(subscriptionOf(3)), expected);
    assert.deepEqual(maker.differences, [
      { element: 'end', offset: expected.length, uncompared: 0 },
    ]);
  });

  test('a package that is refused field by field', () => {
    const { packages } = new Maker(template);
    const differences: Difference[] = [];
    const refuse = () => {
      throw new Error('refused');
    };
    const make = () => packages.make(subscriptionOf(1), refuse, (one) => differences.push(one));
    assert.throws(make, { message: 'refused' });
    assert.deepEqual(differences, [{ uncompared: 0 }]);
  });

  test('and from then on, all packages of the template are made field by field', () => {
    const { held, compile } = compileAndHold();
    const maker = new Maker(template, (...of) => {
      const compiled = compile(...of);
      held[0]!.places[0]!.offset += 1;
      return compiled;
    });
    const shapes = [{}, { pin1: '1234' }];
    for (let n = 0; n < 10; n += 1) {
      const subscription = subscriptionOf(n, shapes[n % 2]);
      assert.deepEqual(maker.make(subscription), slowly(template, subscription));
    }
    assert.deepEqual([held.length, maker.slow, maker.differences.length], [1, 10, 1]);
    assert.deepEqual(maker.packages.kept, { shapes: 0, bytes: 0 });
  });
});

const STOCK: Subscription = {
  iccid: '89883030000000000A17',
  imsi: '310260123456789',
  msisdn: '15551234567',
  profileType: 'fleet',
  secrets: {
    ki: '465B5CE8B199B49FAA5F0A2EE238A6BC',
    opc: 'CD63CB71954A9F4E48A5994E37A02BAF',
    pin1: '4711',
    kic1: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
    kid1: '90A1B2C3D4E5F60718293A4B5C6D7E8F',
    kik1: '8F90A1B2C3D4E5F60718293A4B5C6D7E',
  },
};

test('the alarm is an error in the log with ICCID and template, and without secrets', () => {
  const lines: string[] = [];
  const log = pino(
    new Writable({
      write(line: Buffer, _encoding, done) {
        lines.push(line.toString());
        done();
      },
    }),
  );
  const open = toOpen(ISIM, {}, 'the version');
  const packages = new CompiledPackages(open.template, (...of) => {
    const compiled = compileTemplate(...of)!;
    for (const place of compiled.places) place.offset -= 1;
    return compiled;
  });
  const upp = makePackage(STOCK, { ...open, packages }, { accountSid: 'AC1', log });
  assert.deepEqual(upp, personaliseFor(STOCK, ISIM));
  assert.equal(lines.length, 1);
  const { time, pid, hostname, msg, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.match(String(msg), /^the compiled template gives another profile package than its fields/);
  assert.deepEqual(rest, {
    level: 50,
    account: 'AC1',
    iccid: STOCK.iccid,
    profileType: 'fleet',
    template: 'the version',
    element: 'header',
    offset: rest['offset'],
    uncompared: 0,
  });
  assert.deepEqual([typeof time, typeof pid, typeof hostname], ['number', 'number', 'string']);
  for (const secret of [...Object.values(STOCK.secrets), STOCK.imsi, STOCK.msisdn!]) {
    assert.equal(lines[0]!.toLowerCase().includes(secret.toLowerCase()), false);
  }
});

describe('what is kept of a template', () => {
  test('is limited in number, however many shapes its subscriptions have', () => {
    const maker = new Maker(shareTemplate(ISIM));
    for (let n = 0; n < 100; n += 1) {
      const otaKeys = Array.from({ length: 7 }, (_, bit) => bit)
        .filter((bit) => (n >> bit) & 1)
        .map((bit) => ({ version: 2 + bit, id: 1 as const, key: key(77) }));
      maker.make(subscriptionOf(n, { otaKeys }));
    }
    assert.equal(maker.packages.kept.shapes, 32);
    assert.deepEqual(maker.differences, []);
  });

  test('and in bytes, however large its packages are', () => {
    const template = shareTemplate(ISIM);
    const header = encodeTlv(0xa0, Uint8Array.fromHex('80008102012c'));
    const applet = (size: number) =>
      encodeTlv(
        0xa8,
        header,
        encodeTlv(0xa1, encodeTlv(0x4f, key(1)), encodeTlv(0xc4, key(1, size))),
      );
    const withApplet = (size: number) => {
      const elements = [...template.elements];
      elements.splice(-1, 0, { name: 'application', bytes: applet(size) });
      return new Maker(shareTemplate(encodeProfilePackage(elements)));
    };
    const maker = withApplet(500_000);
    for (const more of [{}, { pin1: '1234' }, { pin2: '1234' }, { pin1: '1234', pin2: '1234' }]) {
      for (const n of [0, 1]) maker.make(subscriptionOf(n, more));
      assert.ok(maker.packages.kept.bytes <= 2 ** 21, `${maker.packages.kept.bytes}`);
    }
    assert.equal(maker.packages.kept.shapes, 4);
    maker.make(subscriptionOf(2, { spn: { name: 'A', displayPlmn: true, hideInRoaming: true } }));
    assert.equal(maker.packages.kept.shapes, 4);
    assert.deepEqual(maker.differences, []);
    const larger = withApplet(600_000);
    for (const n of [0, 1, 2]) larger.make(subscriptionOf(n));
    assert.equal(larger.slow, 3);
    assert.ok(larger.packages.kept.bytes < 10_000, 'only that it is too large');
  });
});
