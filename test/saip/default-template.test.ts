// The default template: complete, consistent, small, and without secrets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProfilePackage } from '../../src/saip/check.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { ACCESS_RULES } from '../../src/saip/ef-arr.ts';
import { decodeEfDir } from '../../src/saip/ef-dir.ts';
import { decodeEfEcc } from '../../src/saip/ef-ecc.ts';
import { decodeServiceTable } from '../../src/saip/ef-ust.ts';
import { fcpOf } from '../../src/saip/file-content.ts';
import { contentOf, recordsOf } from '../../src/saip/identity.ts';
import { decodeProfilePackage, elementsOf, peHeaderOf } from '../../src/saip/profile-element.ts';

const usimOnly = defaultTemplate();
const withIsim = defaultTemplate({ isim: true });
const withPcscf = defaultTemplate({ pcscf: ['192.0.2.1', 'pcscf.example.org'] });
const all = { usimOnly, withIsim, withPcscf };

function namesOf(upp: Uint8Array): string {
  return decodeProfilePackage(upp)
    .map(({ name }) => name)
    .join(' ');
}

void test('the elements are in the order of the specification', () => {
  const first = 'header mf pukCodes pinCodes telecom usim opt-usim pinCodes akaParameter';
  assert.equal(namesOf(usimOnly), `${first} securityDomain end`);
  assert.equal(namesOf(withIsim), `${first} isim pinCodes akaParameter securityDomain end`);
  assert.equal(
    namesOf(withPcscf),
    `${first} isim opt-isim pinCodes akaParameter securityDomain end`,
  );
});

for (const [name, upp] of Object.entries(all)) {
  void test(`${name}: no findings but the secrets that personalising replaces`, () => {
    const rules = new Set(checkProfilePackage(upp).map(({ rule }) => rule));
    assert.deepEqual([...rules], ['placeholder-secret']);
  });

  void test(`${name}: identification numbers count from 1, every element is mandated`, () => {
    const headers = decodeProfilePackage(upp).slice(1).map(peHeaderOf);
    headers.forEach((header, i) =>
      assert.deepEqual(header, { mandated: true, identification: i + 1 }),
    );
  });

  void test(`${name}: at most 8 KB`, () => assert.ok(upp.length < 8192, `${upp.length}`));
}

void test('TS 31.102 §4.2.8: each announced service has its files', () => {
  const files: Partial<Record<number, [element: string, file: string][]>> = {
    10: [
      ['usim', 'ef-sms'],
      ['usim', 'ef-smss'],
    ],
    12: [['usim', 'ef-smsp']],
    19: [['usim', 'ef-spn']],
    20: [['opt-usim', 'ef-plmnwact']],
    21: [['opt-usim', 'ef-msisdn']],
    34: [['usim', 'ef-est']],
    42: [['opt-usim', 'ef-oplmnwact']],
    43: [['opt-usim', 'ef-hplmnwact']],
    85: [
      ['usim', 'ef-epsloci'],
      ['usim', 'ef-epsnsc'],
    ],
  };
  const withoutFile = [28, 33];
  const elements = decodeProfilePackage(usimOnly);
  const ust = contentOf(elements, 'usim', 'ef-ust');
  assert.ok(ust);
  for (const service of decodeServiceTable(ust)) {
    const needed = files[service];
    assert.ok(needed ?? withoutFile.includes(service), `service ${service}`);
    for (const [element, file] of needed ?? []) assert.ok(contentOf(elements, element, file), file);
  }
  // The file of an unannounced service is not created.
  assert.equal(contentOf(elements, 'usim', 'ef-fdn'), undefined);
});

void test('TS 102 221 §13.1: EF.DIR names the created applications', () => {
  const elements = decodeProfilePackage(withIsim);
  const entries = (recordsOf(elements, 'mf', 'ef-dir') ?? []).map(decodeEfDir);
  const usim = elementsOf(elements, 'usim')[0]?.value;
  const isim = elementsOf(elements, 'isim')[0]?.value;
  assert.ok(usim && isim);
  assert.deepEqual(entries, [
    { aid: fcpOf(usim['adf-usim'])?.dfName, label: 'USIM' },
    { aid: fcpOf(isim['adf-isim'])?.dfName, label: 'ISIM' },
  ]);
});

void test('profile package specification §9.9: EF.ARR contains the 14 rules to which the file templates refer', () => {
  assert.equal(ACCESS_RULES.length, 14);
  assert.equal(ACCESS_RULES[1]?.toHex(), '800101a40683010195010880015aa40683010a950108');
  assert.equal(ACCESS_RULES[3]?.toHex(), '800101900080011a9700800140a40683010a950108');
  assert.equal(ACCESS_RULES[13]?.toHex(), '80015ea40683010a950108');
  const elements = decodeProfilePackage(withIsim);
  for (const name of ['mf', 'usim', 'isim', 'telecom']) {
    const element = elements.find((candidate) => candidate.name === name);
    assert.ok(element && 'value' in element && 'ef-arr' in element.value, name);
  }
  const records = recordsOf(elements, 'mf', 'ef-arr') ?? [];
  records.forEach((record, i) => {
    const rule = ACCESS_RULES[i];
    assert.ok(rule);
    assert.deepEqual(record.subarray(0, rule.length), rule);
    assert.ok(record.subarray(rule.length).every((byte) => byte === 0xff));
  });
});

void test('TS 102 221 §9.5: each directory names only codes that the package defines for it', () => {
  const elements = decodeProfilePackage(withIsim);
  const pinsOf = (name: string, file: string): string => {
    const element = elements.find((candidate) => candidate.name === name);
    assert.ok(element && 'value' in element);
    const value = element.value as Record<string, unknown>;
    const fcp = fcpOf(value[file] as Parameters<typeof fcpOf>[0]);
    return fcp?.pinStatusTemplateDO?.toHex() ?? '';
  };
  assert.equal(pinsOf('mf', 'mf'), '010a');
  assert.equal(pinsOf('telecom', 'df-telecom'), '010a');
  assert.equal(pinsOf('usim', 'adf-usim'), '01810a');
  assert.equal(pinsOf('isim', 'adf-isim'), '01810a');
});

void test('TS 31.102 §4.2.21: EF.ECC has 112 and 911', () => {
  const records = recordsOf(decodeProfilePackage(usimOnly), 'usim', 'ef-ecc') ?? [];
  assert.deepEqual(
    records.map((record) => decodeEfEcc(record).number),
    ['112', '911'],
  );
});
