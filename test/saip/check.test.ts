// `checkProfilePackage`: one test a rule, the broken package beside the whole one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProfilePackage } from '../../src/saip/check.ts';
import type { CheckRule, ExpectedIdentity } from '../../src/saip/check.ts';
import type { Fcp, File } from '../../src/saip/file.ts';
import { elementsOf, encodeProfilePackage } from '../../src/saip/profile-element.ts';
import type { ElementValue, ProfileElement, TypedName } from '../../src/saip/profile-element.ts';
import { operatorTemplate } from './operator-template.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const content = (text: string): File => [{ choice: 'fillFileContent', value: hex(text) }];
const described = (fcp: Fcp): File => [{ choice: 'fileDescriptor', value: fcp }];

type Change = (elements: ProfileElement[]) => ProfileElement[] | undefined;

function findings(change: Change, expected?: ExpectedIdentity): string[] {
  const elements = operatorTemplate();
  const upp = encodeProfilePackage(change(elements) ?? elements);
  return checkProfilePackage(upp, expected).map(({ rule, where }) => `${rule} ${where}`);
}

function breaks(title: string, rule: CheckRule, where: string, change: Change): void {
  void test(`${rule}: ${title}`, () => {
    const found = findings(change);
    assert.ok(found.includes(`${rule} ${where}`), `found only ${found.join(', ') || 'nothing'}`);
  });
}

function holds(title: string, rule: CheckRule, change: Change): void {
  void test(`${rule} holds: ${title}`, () => assert.deepEqual(findings(change), []));
}

function edit<N extends TypedName>(name: N, change: (value: ElementValue<N>) => void): Change {
  return (elements) => {
    const [first] = elementsOf(elements, name);
    assert.ok(first);
    change(first.value);
    return elements;
  };
}

const without =
  (name: string): Change =>
  (elements) =>
    elements.filter((element) => element.name !== name);

const twice =
  (name: string): Change =>
  (elements) =>
    elements.flatMap((element) => (element.name === name ? [element, element] : [element]));

const moved =
  (name: string, to: number): Change =>
  (elements) => {
    const element = elements.find((candidate) => candidate.name === name);
    assert.ok(element);
    return elements.filter((other) => other !== element).toSpliced(to, 0, element);
  };

function pinconfig(value: ElementValue<'pinCodes'>) {
  assert.equal(value.pinCodes.choice, 'pinconfig');
  return value.pinCodes.choice === 'pinconfig' ? value.pinCodes.value : [];
}

function algoParameter(value: ElementValue<'akaParameter'>) {
  const { algoConfiguration } = value;
  if (algoConfiguration.choice !== 'algoParameter') throw new assert.AssertionError({});
  return algoConfiguration.value;
}

void test('a package in order has no findings', () =>
  assert.deepEqual(
    findings(() => undefined),
    [],
  ));

void test('all findings come at once', () => {
  const found = findings((elements) => without('end')(twice('telecom')(elements) ?? elements));
  assert.ok(found.some((finding) => finding.startsWith('end-last')));
  assert.ok(found.some((finding) => finding.startsWith('one-of-each')));
  assert.ok(found.some((finding) => finding.startsWith('identification-unique')));
});

void test('decodable: what is not a package is one finding, with its place', () => {
  const [finding, ...more] = checkProfilePackage(hex('aa07a0058000810199ff'));
  assert.equal(finding?.rule, 'decodable');
  assert.deepEqual(more, []);
});

breaks('an element without a type has no PEHeader', 'decodable', 'csim', (elements) =>
  elements.map((element) =>
    element.name === 'csim' ? { name: 'csim', bytes: hex('b9028100') } : element,
  ),
);
breaks(
  'EF.IMSI cannot be read',
  'readable-identity',
  'ef-imsi',
  edit('usim', (usim) => {
    usim['ef-imsi'] = content('08ffffffffffffffff');
  }),
);

breaks('another element is in front', 'header-first', 'header', moved('header', 3));
breaks('the MF comes later', 'mf-second', 'mf', moved('mf', 3));
breaks('something follows the end', 'end-last', 'end', moved('end', 5));
breaks('two headers', 'one-of-each', 'header', twice('header'));
breaks('two PUK lists', 'one-of-each', 'pukCodes', twice('pukCodes'));
breaks('two USIMs without their service', 'one-of-each', 'usim', twice('usim'));
breaks('two opt-usim after one usim', 'one-of-each', 'opt-usim', twice('opt-usim'));
breaks('opt-usim before usim', 'after-its-naa', 'opt-usim', moved('opt-usim', 2));
breaks('opt-isim without isim', 'after-its-naa', 'opt-isim', without('isim'));
breaks(
  'two elements with one number',
  'identification-unique',
  'usim',
  edit('usim', (usim) => {
    usim['usim-header'] = { identification: 1 };
  }),
);
breaks('with an element that has no type here', 'identification-unique', 'usim', (elements) =>
  moved(
    'usim',
    16,
  )(
    edit('usim', (usim) => {
      usim['usim-header'] = { identification: 0x20 };
    })(elements) ?? elements,
  ),
);

const header = 'header/eUICC-Mandatory-services';
breaks(
  'a template in use is not listed',
  'template-listed',
  'header/eUICC-Mandatory-GFSTEList',
  edit('header', (value) => {
    value['eUICC-Mandatory-GFSTEList'] = ['2.23.143.1.2.1'];
  }),
);
breaks(
  'a listed template is not used',
  'template-listed',
  'header/eUICC-Mandatory-GFSTEList',
  (elements) => {
    edit('header', (value) => value['eUICC-Mandatory-GFSTEList'].push('2.23.143.1.2.13'))(elements);
    return elements.filter((element) => 'value' in element);
  },
);
holds(
  'a listed template may serve an element without a type here',
  'template-listed',
  edit('header', (value) => {
    value['eUICC-Mandatory-GFSTEList'].push('2.23.143.1.2.13');
  }),
);
for (const service of ['usim', 'isim', 'csim', 'milenage'] as const) {
  breaks(
    `${service} is not demanded`,
    'service-listed',
    `${header}/${service}`,
    edit('header', (value) => {
      delete value['eUICC-Mandatory-services'][service];
    }),
  );
}
for (const service of ['tuak128', 'tuak256', 'usim-test-algorithm', 'ber-tlv', 'eap'] as const) {
  breaks(
    `${service} is demanded for nothing`,
    'service-used',
    `${header}/${service}`,
    edit('header', (value) => {
      value['eUICC-Mandatory-services'][service] = true;
    }),
  );
}
breaks('isim is demanded without an ISIM', 'service-used', `${header}/isim`, without('isim'));
breaks('gba-isim is demanded without an ISIM', 'service-used', `${header}/gba-isim`, (elements) => {
  edit('header', (value) => {
    value['eUICC-Mandatory-services']['gba-isim'] = true;
  })(elements);
  return without('isim')(elements);
});
breaks(
  'a BER-TLV file made by file management',
  'service-listed',
  `${header}/ber-tlv`,
  edit('genericFileManagement', (value) => {
    value.fileManagementCMD.push([
      { choice: 'createFCP', value: { fileDescriptor: hex('7921'), efFileSize: hex('10') } },
    ]);
  }),
);

breaks(
  'doNotCreate beside other items',
  'file-form',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = [{ choice: 'doNotCreate', value: true }, ...content('07')];
  }),
);
breaks(
  'two descriptors',
  'file-form',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = [...described({}), ...described({})];
  }),
);
breaks(
  'a descriptor after content',
  'file-form',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = [...content('07'), ...described({})];
  }),
);
breaks(
  'a directory with content',
  'file-form',
  'usim/adf-usim',
  edit('usim', (usim) => {
    usim['adf-usim'].push(...content('00'));
  }),
);
breaks(
  'a directory without its codes',
  'file-form',
  'telecom/df-telecom',
  edit('telecom', (telecom) => {
    telecom['df-telecom'] = described({ fileID: hex('7f10') });
  }),
);
holds(
  'doNotCreate alone',
  'file-form',
  edit('usim', (usim) => {
    usim['ef-keys'] = [{ choice: 'doNotCreate', value: true }];
  }),
);
breaks(
  'EF.UST is not created',
  'file-required',
  'usim/ef-ust',
  edit('usim', (usim) => {
    usim['ef-ust'] = [{ choice: 'doNotCreate', value: true }];
  }),
);
breaks(
  'EF.ECC without content',
  'file-required',
  'usim/ef-ecc',
  edit('usim', (usim) => {
    usim['ef-ecc'] = [];
  }),
);
breaks(
  'EF.DIR without content',
  'file-required',
  'mf/ef-dir',
  edit('mf', (mf) => {
    mf['ef-dir'] = mf['ef-dir'].slice(0, 1);
  }),
);
breaks(
  'more content than the file takes',
  'file-size',
  'usim/ef-acc',
  edit('usim', (usim) => {
    usim['ef-acc'] = content('000200');
  }),
);
breaks(
  'an offset past the end',
  'file-size',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = [{ choice: 'fillFileOffset', value: 33 }, ...content('00')];
  }),
);
breaks(
  'a size that is no whole number of records',
  'file-size',
  'usim/ef-sms',
  edit('usim', (usim) => {
    usim['ef-sms'] = described({ fileDescriptor: hex('422100b0'), efFileSize: hex('b1') });
  }),
);
breaks(
  'a size that no eUICC has',
  'file-size',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = described({ fileDescriptor: hex('4121'), efFileSize: hex('7fffffffff') });
  }),
);
breaks(
  'a size with a leading zero',
  'file-size',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = described({ fileDescriptor: hex('4121'), efFileSize: hex('0021') });
  }),
);
breaks(
  'both patterns',
  'fill-pattern',
  'usim/ef-keys',
  edit('usim', (usim) => {
    usim['ef-keys'] = described({
      proprietaryEFInfo: { fillPattern: hex('07ff'), repeatPattern: hex('07') },
    });
  }),
);
breaks(
  'a pattern longer than the record',
  'fill-pattern',
  'usim/ef-smss',
  edit('usim', (usim) => {
    usim['ef-smss'] = described({ proprietaryEFInfo: { fillPattern: hex('ffffff') } });
  }),
);
breaks(
  'two ADFs with one AID',
  'directory-unique',
  'isim/adf-isim',
  edit('isim', (isim) => {
    isim['adf-isim'] = described({
      fileID: hex('7fb0'),
      dfName: hex('a0000000871002ff49ff0589'),
      pinStatusTemplateDO: hex('01'),
    });
  }),
);
breaks(
  'an ADF without a temporary file ID',
  'directory-unique',
  'isim/adf-isim',
  edit('isim', (isim) => {
    isim['adf-isim'] = described({
      dfName: hex('a0000000871004ff49ff0589'),
      pinStatusTemplateDO: hex('01'),
    });
  }),
);

for (const [title, pin] of [
  ['three digits', '313233ffffffffff'],
  ['a letter', '3132334130ffffff'],
  ['digits after the filler', '31323334ffffff31'],
] as const) {
  breaks(
    title,
    'pin-value',
    'pinCodes/1',
    edit('pinCodes', (value) => {
      const [first] = pinconfig(value);
      assert.ok(first);
      first.pinValue = hex(pin);
    }),
  );
}
breaks(
  'a PUK of other characters',
  'pin-value',
  'pukCodes/1',
  edit('pukCodes', (value) => {
    const [first] = value.pukCodes;
    assert.ok(first);
    first.pukValue = hex('31313131313131ff');
  }),
);
breaks(
  'a local code in the MF',
  'pin-scope',
  'pinCodes/129',
  edit('pinCodes', (value) => {
    pinconfig(value).push({ keyReference: 0x81, pinValue: hex('31323334ffffffff') });
  }),
);
breaks('a global code in an application', 'pin-scope', 'pinCodes/1', (elements) => {
  const local = elementsOf(elements, 'pinCodes')[2];
  assert.ok(local);
  pinconfig(local.value).push({ keyReference: 1, pinValue: hex('31323334ffffffff') });
  return elements;
});
breaks(
  'one code twice',
  'pin-unique',
  'pinCodes/1',
  edit('pinCodes', (value) => {
    const [first] = pinconfig(value);
    assert.ok(first);
    pinconfig(value).push(first);
  }),
);
breaks(
  'one PUK twice',
  'pin-unique',
  'pukCodes/1',
  edit('pukCodes', (value) => {
    const [first] = value.pukCodes;
    assert.ok(first);
    value.pukCodes.push(first);
  }),
);
breaks(
  'an unblocking code that is not defined',
  'puk-reference',
  'pinCodes/1',
  edit('pinCodes', (value) => {
    const [first] = pinconfig(value);
    assert.ok(first);
    first.unblockingPINReference = 2;
  }),
);

breaks('a USIM without parameters', 'aka-present', 'usim', (elements) => {
  const aka = elements.find(({ name }) => name === 'akaParameter');
  return elements.filter((element) => element !== aka);
});
breaks('an ISIM without parameters', 'aka-present', 'isim', (elements) => {
  const last = elements.findLast(({ name }) => name === 'akaParameter');
  return elements.filter((element) => element !== last);
});
breaks('a CSIM without parameters', 'aka-present', 'csim', without('cdmaParameter'));
breaks(
  'a key of 15 bytes',
  'aka-key',
  'akaParameter/algoParameter',
  edit('akaParameter', (value) => {
    algoParameter(value).key = new Uint8Array(15).fill(1);
  }),
);
breaks(
  'an OPc of 32 bytes',
  'aka-key',
  'akaParameter/algoParameter',
  edit('akaParameter', (value) => {
    algoParameter(value).opc = new Uint8Array(32).fill(1);
  }),
);
breaks(
  'an unknown algorithm',
  'aka-key',
  'akaParameter/algoParameter',
  edit('akaParameter', (value) => {
    algoParameter(value).algorithmID = 9;
  }),
);
breaks(
  'a key of zeros',
  'placeholder-secret',
  'akaParameter/algoParameter',
  edit('akaParameter', (value) => {
    algoParameter(value).key = new Uint8Array(16);
  }),
);
breaks(
  'an ADM code of zeros',
  'placeholder-secret',
  'pinCodes/10',
  edit('pinCodes', (value) => {
    const adm = pinconfig(value)[1];
    assert.ok(adm);
    adm.pinValue = hex('3030303030303030');
  }),
);
breaks(
  'a PUK of zeros',
  'placeholder-secret',
  'pukCodes/129',
  edit('pukCodes', (value) => {
    const puk = value.pukCodes[1];
    assert.ok(puk);
    puk.pukValue = hex('3030303030303030');
  }),
);
for (const [title, keyData, rule] of [
  ['an AES key of 20 bytes', new Uint8Array(20).fill(1), 'security-domain-key'],
  ['a key of zeros', new Uint8Array(16), 'placeholder-secret'],
] as const) {
  breaks(
    title,
    rule,
    'securityDomain/key 2/1',
    edit('securityDomain', (value) => {
      const component = value.keyList?.[2]?.keyComponents[0];
      assert.ok(component);
      component.keyData = keyData;
    }),
  );
}
breaks(
  'one key twice',
  'security-domain-key',
  'securityDomain/key 1/1',
  edit('securityDomain', (value) => {
    value.keyList?.push(...value.keyList.slice(0, 1));
  }),
);

breaks(
  'header and EF.ICCID differ',
  'iccid-equal',
  'mf/ef-iccid',
  edit('header', (value) => {
    value.iccid = hex('8944000000000000009f');
  }),
);

void test('identity-expected: ICCID, IMSI and MNC length are compared with those expected', () => {
  const same = { iccid: '8944000000000000001', imsi: '234150000000001', mncLength: 2 } as const;
  assert.deepEqual(
    findings(() => undefined, same),
    [],
  );
  assert.deepEqual(
    findings(() => undefined, {
      iccid: '8944000000000000002',
      imsi: '234150000000002',
      mncLength: 3,
    }),
    [
      'identity-expected header/iccid',
      'identity-expected usim/ef-imsi',
      'identity-expected usim/ef-ad',
    ],
  );
});

void test('findings never hold a key or a code', () => {
  const upp = encodeProfilePackage(
    edit('akaParameter', (value) => {
      algoParameter(value).key = hex('5ec2e75ec2e75ec2e75ec2e75ec2e7');
    })(operatorTemplate()) ?? [],
  );
  assert.doesNotMatch(JSON.stringify(checkProfilePackage(upp)), /5ec2e7/i);
});
