// Personalising: each value of a subscription in every place that contains it, and refusals of the impossible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlgoParameter } from '../../src/saip/aka-parameter.ts';
import { checkProfilePackage } from '../../src/saip/check.ts';
import { defaultTemplate } from '../../src/saip/default-template.ts';
import { decodeEfMsisdn, decodeEfSmsp } from '../../src/saip/ef-msisdn.ts';
import { contentOf, identityOf, recordsOf } from '../../src/saip/identity.ts';
import { milenage, opcFromOp } from '../../src/saip/milenage.ts';
import { personalise } from '../../src/saip/personalise.ts';
import {
  decodeProfilePackage,
  elementsOf,
  encodeProfilePackage,
} from '../../src/saip/profile-element.ts';
import type { ProfileElement } from '../../src/saip/profile-element.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import type { SaipErrorCode } from '../../src/saip/saip-error.ts';
import type { Subscription } from '../../src/saip/subscription.ts';
import { operatorTemplate } from './operator-template.ts';
import { randomFrom } from './random.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const K = hex('465b5ce8b199b49faa5f0a2ee238a6bc'); // TS 35.208 test set 1
const OPC = opcFromOp(K, hex('cdc202d5123e20f62b6d676ac72cb318'));

const subscription: Subscription = {
  iccid: '8988211000000000017',
  imsi: '310260123456789',
  mncLength: 3,
  aka: { algorithm: 'milenage', k: K, opc: OPC },
  pin1: '1357',
  pin2: '24680',
  puk1: '11223344',
  puk2: '44332211',
  adm: { adm1: '00112233445566ff' },
  sdKeys: [1, 2, 3].map((id) => ({ version: 1, id, key: new Uint8Array(16).fill(0x10 + id) })),
  msisdn: '+447700900123',
  serviceCentre: '+447785016005',
  spn: { name: 'Lab', displayPlmn: false, hideInRoaming: true },
};
const { spn, msisdn, serviceCentre, sdKeys, adm, ...core } = subscription;

const operator = encodeProfilePackage(operatorTemplate());
const decode = (upp: Uint8Array): ProfileElement[] => decodeProfilePackage(upp);

function refused(code: SaipErrorCode, where: string | RegExp, run: () => unknown): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SaipError, String(error));
    assert.equal(error.code, code, error.message);
    if (typeof where === 'string') assert.equal(error.where, where);
    else assert.match(error.where, where);
    return true;
  });
}

function algoParameters(upp: Uint8Array): AlgoParameter[] {
  return elementsOf(decode(upp), 'akaParameter').flatMap(({ value: { algoConfiguration } }) =>
    algoConfiguration.choice === 'algoParameter' ? [algoConfiguration.value] : [],
  );
}

function pins(upp: Uint8Array, reference: number): string[] {
  return elementsOf(decode(upp), 'pinCodes')
    .map(({ value }) => value.pinCodes)
    .flatMap((codes) => (codes.choice === 'pinconfig' ? codes.value : []))
    .filter(({ keyReference }) => keyReference === reference)
    .map(({ pinValue }) => pinValue.toHex());
}

void test('the default template accepts a full subscription and then has no findings', () => {
  for (const template of [
    defaultTemplate(),
    defaultTemplate({ isim: true, pcscf: ['p.example'] }),
  ]) {
    const upp = personalise(template, subscription);
    const { iccid, imsi, mncLength } = subscription;
    assert.deepEqual(checkProfilePackage(upp, { iccid, imsi, mncLength }), []);
  }
});

void test('ICCID, IMSI, access class, MNC length, names and numbers can be read back', () => {
  assert.deepEqual(identityOf(decode(personalise(defaultTemplate(), subscription))), {
    iccid: '8988211000000000017',
    efIccid: '8988211000000000017',
    imsi: '310260123456789',
    accessClasses: [9],
    administrativeData: {
      operationMode: 0,
      additionalInformation: hex('0000'),
      mncLength: 3,
    },
    spn,
    msisdn,
    serviceCentre,
  });
});

void test('access classes can be given', () => {
  const upp = personalise(defaultTemplate(), { ...subscription, accessClasses: [3, 15] });
  assert.deepEqual(identityOf(decode(upp)).accessClasses, [3, 15]);
});

void test('TS 35.208: a card with this profile computes the results of test set 1', () => {
  const [parameter] = algoParameters(personalise(defaultTemplate(), subscription));
  assert.ok(parameter);
  const outputs = milenage(
    { k: parameter.key, opc: parameter.opc },
    {
      rand: hex('23553cbe9637a89d218ae64dae47bf35'),
      sqn: hex('ff9bb4d0b607'),
      amf: hex('b9b9'),
    },
  );
  assert.equal(outputs.macA.toHex(), '4a9ffac354dfafb3');
  assert.equal(outputs.res.toHex(), 'a54211d5e3ba50bf');
});

void test('every akaParameter with its own keys gets the new ones', () => {
  const parameters = algoParameters(personalise(defaultTemplate({ isim: true }), subscription));
  assert.equal(parameters.length, 2);
  for (const { key, opc } of parameters) {
    assert.deepEqual(key, K);
    assert.deepEqual(opc, OPC);
  }
});

void test('the same algorithm keeps the constants and options of the template', () => {
  const [parameter] = algoParameters(personalise(operator, core));
  assert.equal(parameter?.rotationConstants?.toHex(), '4000204061');
  assert.equal(parameter?.algorithmOptions.toHex(), '01');
});

void test('another algorithm drops them, and the header requires the new one', () => {
  const k = new Uint8Array(32).fill(7);
  const aka = {
    algorithm: 'tuak',
    k,
    topc: new Uint8Array(32).fill(9),
    numberOfKeccak: 2,
  } as const;
  const upp = personalise(operator, { ...core, aka });
  const [parameter] = algoParameters(upp);
  assert.deepEqual(parameter, {
    algorithmID: 2,
    algorithmOptions: hex('00'),
    key: k,
    opc: aka.topc,
    numberOfKeccak: 2,
  });
  const [header] = elementsOf(decode(upp), 'header');
  assert.deepEqual(header?.value['eUICC-Mandatory-services'], {
    usim: true,
    isim: true,
    csim: true,
    tuak256: true,
  });
  assert.deepEqual(checkProfilePackage(upp), []);
});

void test('the test algorithm and given options', () => {
  const aka = { algorithm: 'usim-test-algorithm', k: K, algorithmOptions: 4 } as const;
  const upp = personalise(operator, { ...core, aka });
  const [parameter] = algoParameters(upp);
  assert.equal(parameter?.algorithmID, 3);
  assert.equal(parameter?.algorithmOptions.toHex(), '04');
  assert.deepEqual(checkProfilePackage(upp), []);
});

void test('PIN1, PIN2 of each application, PUKs and ADM codes', () => {
  const upp = personalise(defaultTemplate({ isim: true }), subscription);
  assert.deepEqual(pins(upp, 0x01), ['31333537ffffffff']);
  assert.deepEqual(pins(upp, 0x81), ['3234363830ffffff', '3234363830ffffff']);
  assert.deepEqual(pins(upp, 0x0a), ['00112233445566ff']);
  const [puks] = elementsOf(decode(upp), 'pukCodes');
  assert.deepEqual(
    puks?.value.pukCodes.map(({ pukValue }) => pukValue.toHex()),
    ['3131323233333434', '3434333332323131'],
  );
});

void test('a key of the security domain is found by version and identifier', () => {
  const key = new Uint8Array(16).fill(0xee);
  const upp = personalise(operator, { ...core, sdKeys: [{ version: 2, id: 1, key }] });
  const keys = elementsOf(decode(upp), 'securityDomain')
    .flatMap(({ value }) => value.keyList ?? [])
    .map((object) => object.keyComponents[0]?.keyData[0]);
  assert.deepEqual(keys, [1, 1, 0xee]);
});

void test('only the elements with values of the subscription change', () => {
  const before = operatorTemplate();
  const after = decode(personalise(operator, core));
  const changed = after
    .filter((element, i) => {
      const old = before[i];
      assert.ok(old);
      return encodeProfilePackage([element]).toHex() !== encodeProfilePackage([old]).toHex();
    })
    .map(({ name }) => name);
  assert.deepEqual(changed, [
    'header',
    'mf',
    'pukCodes',
    'pinCodes',
    'pinCodes',
    'usim',
    'pinCodes',
    'akaParameter',
    'isim',
  ]);
});

void test('EF.AD keeps its other bytes, EF.SMSP its name and parameters, files their further records', () => {
  const elements = decode(personalise(operator, { ...core, msisdn: '+1', serviceCentre: '+2' }));
  assert.equal(contentOf(elements, 'usim', 'ef-ad')?.toHex(), '8000000307');
  const [first, second] = (recordsOf(elements, 'usim', 'ef-smsp') ?? []).map(decodeEfSmsp);
  assert.deepEqual(first, { alpha: 'Centre', serviceCentre: '+2', validityPeriod: 0xa7 });
  assert.deepEqual(second, { alpha: 'Centre', serviceCentre: '+111', validityPeriod: 0xa7 });
  const [mine, free] = (recordsOf(elements, 'opt-usim', 'ef-msisdn') ?? []).map(decodeEfMsisdn);
  assert.deepEqual(mine, { alpha: 'Me', number: '+1' });
  assert.deepEqual(free, { alpha: '', number: '' });
});

void test('a name replaces the fill pattern with the old one', () => {
  const upp = personalise(operator, { ...core, spn: { ...subscription.spn!, name: 'A' } });
  assert.equal(identityOf(decode(upp)).spn?.name, 'A');
});

void test('TS 23.003 §13: an ISIM gets the identities of the IMSI; its files grow if necessary', () => {
  const elements = decode(personalise(operator, core));
  const domain = 'ims.mnc260.mcc310.3gppnetwork.org';
  const { impi, impu, domain: found } = identityOf(elements);
  assert.deepEqual(
    { impi, impu, found },
    {
      impi: `310260123456789@${domain}`,
      impu: [`sip:310260123456789@${domain}`],
      found: domain,
    },
  );
  // The template had two records of 32 bytes: the second is now free.
  assert.equal(recordsOf(elements, 'isim', 'ef-impu')?.length, 2);
});

void test('IMS identities can be given', () => {
  const ims = { impi: 'x@example.org', impu: ['sip:x@example.org', 'tel:+1', 'tel:+2'] };
  const identity = identityOf(decode(personalise(operator, { ...core, ims })));
  assert.equal(identity.impi, ims.impi);
  assert.deepEqual(identity.impu, ims.impu);
  assert.equal(identity.domain, 'ims.mnc260.mcc310.3gppnetwork.org');
});

void test('a two-digit MNC is padded with a zero in the domain', () => {
  const given = { ...core, imsi: '234150000000001', mncLength: 2 as const };
  const { domain } = identityOf(decode(personalise(operator, given)));
  assert.equal(domain, 'ims.mnc015.mcc234.3gppnetwork.org');
});

function withoutOf(...names: string[]): Uint8Array {
  return encodeProfilePackage(operatorTemplate().filter(({ name }) => !names.includes(name)));
}

void test('a place missing in the template is refused by name', () => {
  refused('missing-target', 'usim/ef-imsi', () => personalise(withoutOf('usim'), core));
  refused('missing-target', 'header', () => personalise(withoutOf('header'), core));
  refused('missing-target', 'mf/ef-iccid', () => personalise(withoutOf('mf'), core));
  refused('missing-target', 'akaParameter/algoParameter', () =>
    personalise(withoutOf('akaParameter'), core),
  );
  refused('missing-target', /^pinCodes/, () => personalise(withoutOf('pinCodes'), core));
  refused('missing-target', /^pukCodes/, () => personalise(withoutOf('pukCodes'), core));
  refused('missing-target', 'opt-usim/ef-msisdn', () =>
    personalise(withoutOf('opt-usim'), { ...core, msisdn: '+1' }),
  );
  refused('missing-target', 'isim', () =>
    personalise(defaultTemplate(), { ...core, ims: { impi: 'x@y' } }),
  );
  refused('missing-target', 'pinCodes/12', () =>
    personalise(operator, { ...core, adm: { adm3: '1234' } }),
  );
  refused('missing-target', 'securityDomain/key 3/1', () =>
    personalise(operator, { ...core, sdKeys: [{ version: 3, id: 1, key: K }] }),
  );
});

void test('a file with doNotCreate is a missing place', () => {
  const elements = operatorTemplate();
  for (const { value } of elementsOf(elements, 'usim')) {
    value['ef-smsp'] = [{ choice: 'doNotCreate', value: true }];
  }
  refused('missing-target', 'usim/ef-smsp', () =>
    personalise(encodeProfilePackage(elements), { ...core, serviceCentre: '+1' }),
  );
});

void test('a file that is a link has its content elsewhere', () => {
  const elements = operatorTemplate();
  for (const { value } of elementsOf(elements, 'usim')) {
    value['ef-smsp'] = [
      {
        choice: 'fileDescriptor',
        value: { fileDescriptor: hex('4221002a'), linkPath: hex('7f106f42') },
      },
    ];
  }
  refused('missing-target', 'usim/ef-smsp', () =>
    personalise(encodeProfilePackage(elements), { ...core, serviceCentre: '+1' }),
  );
});

void test('two USIMs are ambiguous', () => {
  const elements = operatorTemplate();
  const twice = [...elements, ...elements.filter(({ name }) => name === 'usim')];
  refused('ambiguous-target', 'usim/ef-imsi', () => personalise(encodeProfilePackage(twice), core));
});

void test('malformed contents of the template do not matter, unless they are kept', () => {
  const elements = operatorTemplate();
  for (const { value } of elementsOf(elements, 'usim')) {
    value['ef-spn'] = [{ choice: 'fillFileContent', value: hex('0181ff') }];
    value['ef-ad'] = [{ choice: 'fillFileContent', value: hex('0000000f') }];
  }
  const upp = personalise(encodeProfilePackage(elements), core);
  assert.equal(contentOf(decode(upp), 'usim', 'ef-ad')?.toHex(), '00000003');
});

void test('two keys of one version and identifier are ambiguous', () => {
  const elements = operatorTemplate();
  for (const { value } of elementsOf(elements, 'securityDomain')) {
    value.keyList = [...(value.keyList ?? []), ...(value.keyList ?? [])];
  }
  refused('ambiguous-target', 'securityDomain/key 1/1', () =>
    personalise(encodeProfilePackage(elements), {
      ...core,
      sdKeys: [{ version: 1, id: 1, key: K }],
    }),
  );
});

void test('invalid values are refused before anything is made', () => {
  const attempt = (change: Partial<Subscription>) => () =>
    personalise(defaultTemplate(), { ...subscription, ...change });
  refused('bad-size', 'iccid', attempt({ iccid: '89' }));
  refused('bad-value', 'imsi', attempt({ imsi: '31026x123456789' }));
  refused('bad-value', 'subscription/pin1', attempt({ pin1: '123' }));
  refused('bad-value', 'subscription/pin2', attempt({ pin2: '123456789' }));
  refused('bad-value', 'subscription/puk1', attempt({ puk1: '1234567' }));
  refused('bad-value', 'subscription/adm/adm1', attempt({ adm: { adm1: 'secret' } }));
  refused('bad-size', 'securityDomain/key 1/1', () =>
    attempt({ sdKeys: [{ version: 1, id: 1, key: new Uint8Array(32) }] })(),
  );
  refused(
    'bad-size',
    'subscription/aka',
    attempt({ aka: { algorithm: 'milenage', k: K, opc: hex('00') } }),
  );
  refused(
    'bad-size',
    'subscription/aka',
    attempt({ aka: { algorithm: 'tuak', k: new Uint8Array(24), topc: new Uint8Array(32) } }),
  );
  refused('bad-value', 'ef-msisdn', attempt({ msisdn: 'none' }));
  refused('bad-size', 'ef-spn', attempt({ spn: { ...subscription.spn!, name: 'x'.repeat(17) } }));
});

void test('messages of refused values do not repeat them', () => {
  const secretPin = '98765432109';
  try {
    personalise(defaultTemplate(), { ...subscription, pin1: secretPin });
    assert.fail('not refused');
  } catch (error) {
    assert.ok(error instanceof SaipError);
    assert.ok(!error.message.includes(secretPin));
  }
});

void test('a file too small for its value is refused by name', () => {
  const elements = operatorTemplate();
  for (const { value } of elementsOf(elements, 'usim')) {
    value['ef-imsi'] = [
      {
        choice: 'fileDescriptor',
        value: { fileDescriptor: hex('4121'), efFileSize: hex('08') },
      },
    ];
  }
  refused('bad-size', 'usim/ef-imsi', () => personalise(encodeProfilePackage(elements), core));
});

void test('a template that is not a package is refused', () => {
  refused('malformed', 'profile package', () => personalise(hex('a0'), subscription));
});

void test('the template bytes and the subscription are not modified', () => {
  const template = defaultTemplate();
  const copy = template.slice();
  personalise(template, subscription);
  assert.deepEqual(template, copy);
  assert.deepEqual(core.aka, { algorithm: 'milenage', k: K, opc: OPC });
  assert.equal(sdKeys?.length, 3);
  assert.deepEqual(adm, { adm1: '00112233445566ff' });
});

void test('templates with changed bytes are refused with a SaipError or result in a package', () => {
  const random = randomFrom(31102);
  let refusals = 0;
  for (let round = 0; round < 1500; round++) {
    const template = operator.slice();
    for (let i = 0; i <= random(2); i++) template[random(template.length)] = random(256);
    assert.doesNotThrow(() => checkProfilePackage(template), `round ${round}`);
    try {
      assert.equal(identityOf(decode(personalise(template, core))).iccid, core.iccid);
    } catch (error) {
      assert.ok(error instanceof SaipError, `round ${round}: ${String(error)}`);
      refusals += 1;
    }
  }
  assert.ok(refusals > 100, `only ${refusals} refused`);
});
