// The accepted values of each stock-file column, and the errors for others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { differences, parseRow, toSubscription } from '../../../src/smdp/stock/stock-csv.ts';
import type { ColumnName } from '../../../src/smdp/stock/stock-fields.ts';
import { parseHeader } from '../../../src/smdp/stock/stock-header.ts';

const KI = '465b5ce8b199b49faa5f0a2ee238a6bc';
const OP = 'cdc202d5123e20f62b6d676ac72cb318';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';
const GOOD = { iccid: '89883030000000000007', imsi: '901280000000001', ki: KI, opc: OPC };

function parse(values: Partial<Record<ColumnName, string>>, iccidCheckDigit = true) {
  const all: Record<string, string> = { ...GOOD, ...values };
  const { columns } = parseHeader(Object.keys(all), 1);
  return parseRow(Object.values(all), columns, 2, iccidCheckDigit);
}

describe('a row', () => {
  test('becomes a subscription, its hexadecimal digits in upper case', () => {
    const { values, problems } = parse({
      acc: '00ff',
      pin1: '1234',
      puk1: '12345678',
      pin2: '12345678',
      puk2: '00000000',
      adm1: '31323334353637ff',
      msisdn: '+447700900123',
      profile_type: 'fleet A, "B"',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(toSubscription(values), {
      iccid: GOOD.iccid,
      imsi: GOOD.imsi,
      msisdn: '447700900123',
      acc: '00FF',
      profileType: 'fleet A, "B"',
      secrets: {
        ki: KI.toUpperCase(),
        opc: OPC,
        pin1: '1234',
        puk1: '12345678',
        pin2: '12345678',
        puk2: '00000000',
        adm1: '31323334353637FF',
      },
    });
  });

  test('needs only iccid, imsi, ki and opc', () => {
    const { values, problems } = parse({ acc: '', pin1: '', msisdn: '', profile_type: '' });
    assert.deepEqual(problems, []);
    const secrets = { ki: KI.toUpperCase(), opc: OPC };
    const { iccid, imsi } = GOOD;
    assert.deepEqual(toSubscription(values), { iccid, imsi, profileType: 'default', secrets });
  });

  test('TS 35.208 §4.3 test set 1: op is converted to opc', () => {
    const { values } = parse({ opc: '', op: OP });
    assert.equal(toSubscription(values).secrets.opc, OPC);
  });

  const ZEROS = ' (looks as if a spreadsheet had dropped leading zeros: keep the column as text)';
  const SCIENTIFIC =
    " (looks like a spreadsheet's scientific notation: keep the column as text, and export it again)";
  const ROUNDED =
    ' (looks rounded by a spreadsheet to 15 digits: keep the column as text, and export it again)';
  const DECIMAL = ' (looks like a decimal number: keep the column as text)';
  const bad: [ColumnName, string, string][] = [
    ['iccid', '', 'expected 18 to 20 digits beginning with 89; got nothing'],
    ['iccid', '8988303', 'expected 18 to 20 digits beginning with 89; got 7 characters'],
    [
      'iccid',
      '8,98830E+18',
      `expected 18 to 20 digits beginning with 89; got '8,98830E+18'${SCIENTIFIC}`,
    ],
    [
      'iccid',
      '8.94944E+18',
      `expected 18 to 20 digits beginning with 89; got '8.94944E+18'${SCIENTIFIC}`,
    ],
    [
      'iccid',
      '8949440000009000000',
      `expected the check digit 9 at the end; got '8949440000009000000'${ROUNDED}`,
    ],
    ['imsi', '9.997E+14', `expected 6 to 15 digits; got '9.997E+14'${SCIENTIFIC}`],
    ['imsi', '1010000000001', `expected 6 to 15 digits; got '1010000000001'${ZEROS}`],
    ['imsi', '999700000900007.0', `expected 6 to 15 digits; got '999700000900007.0'${DECIMAL}`],
    [
      'ki',
      '1.12E+29',
      `expected 32 hexadecimal digits, or 64 with topc; got 8 characters${SCIENTIFIC}`,
    ],
    ['opc', '112E+29', `expected 32 hexadecimal digits; got 7 characters${SCIENTIFIC}`],
    ['kic1', '1.12E+29', `expected 32, 48 or 64 hexadecimal digits; got 8 characters${SCIENTIFIC}`],
    ['kik15', KI.slice(2), `expected 32, 48 or 64 hexadecimal digits; got 30 characters${ZEROS}`],
    ['ota_algorithm', 'des', "expected aes or 3des; got 'des'"],
    [
      'iccid',
      '89883030000000000001',
      "expected the check digit 7 at the end; got '89883030000000000001'",
    ],
    ['imsi', '00101000000000123', "expected 6 to 15 digits; got '00101000000000123'"],
    ['imsi', KI, 'expected 6 to 15 digits; got 32 characters'],
    [
      'ki',
      KI.slice(1),
      `expected 32 hexadecimal digits, or 64 with topc; got 31 characters${ZEROS}`,
    ],
    ['ki', '', 'expected 32 hexadecimal digits, or 64 with topc; got nothing'],
    ['opc', `${OPC.slice(1)}g`, 'expected 32 hexadecimal digits; got 32 characters'],
    ['acc', '1', `expected 4 hexadecimal digits; got '1'${ZEROS}`],
    ['acc', '00fg', "expected 4 hexadecimal digits; got '00fg'"],
    ['pin1', '123', `expected 4 to 8 digits; got 3 characters${ZEROS}`],
    ['puk1', '1234567', `expected 8 digits; got 7 characters${ZEROS}`],
    ['pin2', '123456789', 'expected 4 to 8 digits; got 9 characters'],
    ['puk2', '1234567a', 'expected 8 digits; got 8 characters'],
    ['adm1', '123456789', 'expected 4 to 8 digits or 16 hexadecimal digits; got 9 characters'],
    ['mnc_length', '4', "expected 2 or 3; got '4'"],
    ['msisdn', '0044', 'expected 2 to 15 digits, with or without +; got 4 characters'],
    ['msisdn', '+0044 7700', "expected 2 to 15 digits, with or without +; got '+0044 7700'"],
    ['profile_type', 'caf\uFFFD', "expected 1 to 100 characters; got 'caf\uFFFD'"],
    ['profile_type', 'a\nb', "expected 1 to 100 characters; got 'a\\nb'"],
    ['profile_type', 'x'.repeat(101), 'expected 1 to 100 characters; got 101 characters'],
  ];
  for (const [column, value, text] of bad) {
    test(`${column} is not ${JSON.stringify(value.slice(0, 40))}`, () => {
      const { problems } = parse({ [column]: value });
      const found = problems.filter(
        (problem) => !problem.text.startsWith('expected opc, op or topc'),
      );
      assert.deepEqual(found, [{ line: 2, column, text }]);
    });
  }

  test('has one of opc and op', () => {
    assert.deepEqual(parse({ op: OP }).problems, [
      { line: 2, column: 'op', text: 'expected one of opc, op and topc; got opc and op' },
    ]);
    assert.deepEqual(parse({ opc: '', op: '' }).problems, [
      { line: 2, column: 'opc', text: 'expected opc, op or topc; got none of them' },
    ]);
  });

  test('TS 35.231: with topc, ki may have 32 bytes, with opc not', () => {
    const TOPC = 'ab'.repeat(32);
    const { values, problems } = parse({ opc: '', topc: TOPC, ki: KI + KI, mnc_length: '3' });
    assert.deepEqual(problems, []);
    const { secrets, mncLength } = toSubscription(values);
    assert.deepEqual([secrets.topc, secrets.opc, mncLength], [TOPC.toUpperCase(), undefined, 3]);
    assert.deepEqual(parse({ opc: '', topc: KI }).problems, [
      { line: 2, column: 'topc', text: 'expected 64 hexadecimal digits; got 32 characters' },
    ]);
    assert.deepEqual(parse({ ki: KI + KI }).problems, [
      {
        line: 2,
        column: 'ki',
        text: 'expected 32 hexadecimal digits without topc; got 64 characters',
      },
    ]);
  });

  test('has as many fields as the first row', () => {
    const { columns } = parseHeader(['iccid', 'imsi', 'ki'], 1);
    assert.deepEqual(parseRow(['1', '2'], columns, 7, true).problems, [
      { line: 7, text: 'expected 3 fields, as the first row has; got 2' },
    ]);
  });
});

describe('cells as written by spreadsheets and people', () => {
  const ROW = {
    iccid: '8949440000009000074',
    imsi: '999700000900007',
    ki: KI.toUpperCase(),
    opc: OPC,
  };
  const cells: [ColumnName, string][] = [
    ['iccid', '="8949440000009000074"'],
    ['iccid', "'8949440000009000074"],
    ['iccid', '8949 4400 0000 9000 074'],
    ['iccid', '8949\u00A04400\u202F0000\u20099000\u200B074'],
    ['iccid', '8949440000009000074F'],
    ['iccid', '="8949 4400 0000 9000 074f"'],
    ['imsi', '="999700000900007"'],
    ['imsi', '9997 0000 0900 007'],
    ['imsi', 'imsi-999700000900007'],
    ['ki', `0x${KI}`],
    ['iccid', '0x8949440000009000074F'],
    ['imsi', '0x999700000900007'],
    ['ki', `="0X${KI}"`],
    ['ki', KI.replaceAll(/(..)/g, '$1 ')],
    ['opc', `'${OPC}`],
    ['opc', OPC.replaceAll(/(....)/g, '$1 ')],
  ];
  for (const [column, cell] of cells) {
    test(`${column} may be ${cell}`, () => {
      const { values, problems } = parse({ ...ROW, [column]: cell });
      assert.deepEqual(problems, []);
      const { secrets, ...rest } = toSubscription(values);
      assert.deepEqual({ ...rest, ...secrets }, { ...ROW, profileType: 'default' });
    });
  }

  test('PINs keep their zeros, and texts their content', () => {
    const { values } = parse({
      ...ROW,
      pin1: '="0000"',
      puk1: "'01234567",
      profile_type: '="a  b"',
    });
    const { secrets, profileType } = toSubscription(values);
    assert.deepEqual([secrets.pin1, secrets.puk1, profileType], ['0000', '01234567', 'a  b']);
  });
});

describe('ICCIDs of real cards', () => {
  test('without the check digit, or with hexadecimal digits, are refused by default', () => {
    for (const [iccid, text] of [
      ['8949440000009000075', "expected the check digit 4 at the end; got '8949440000009000075'"],
      [
        '898600a1234567890bc',
        "expected decimal digits, because SIMWRIGHT_ICCID_CHECK_DIGIT is on; got '898600A1234567890BC'",
      ],
    ] as const) {
      assert.deepEqual(parse({ iccid }).problems, [{ line: 2, column: 'iccid', text }]);
    }
  });

  test('are accepted if the setting allows it, in upper case and without filler', () => {
    for (const [written, kept] of [
      ['8949440000009000075', '8949440000009000075'],
      ['898600a1234567890bcF', '898600A1234567890BC'],
    ] as const) {
      const { values, problems } = parse({ iccid: written }, false);
      assert.deepEqual([values.iccid, problems], [kept, []]);
    }
    assert.equal(parse({ iccid: '89860G12345678901' }, false).problems.length, 1);
  });
});

describe('TS 102 225: OTA keys', () => {
  const KEY = '0123456789abcdef0123456789abcdef';

  test('are kept by set; zeros are not keys', () => {
    const { values, problems } = parse({
      kic1: KEY,
      kid1: `0x${KEY}`,
      kik1: '0'.repeat(32),
      kic2: '0',
      kic15: KEY + KEY,
      ota_algorithm: 'AES',
    });
    assert.deepEqual(problems, []);
    const { secrets, otaAlgorithm } = toSubscription(values);
    const upper = KEY.toUpperCase();
    const keys = { kic1: upper, kid1: upper, kic15: upper + upper };
    assert.deepEqual(secrets, { ki: KI.toUpperCase(), opc: OPC, ...keys });
    assert.equal(otaAlgorithm, 'aes');
  });

  test('for triple DES have 16 or 24 bytes', () => {
    assert.deepEqual(parse({ kic1: KEY + KEY, ota_algorithm: '3DES' }).problems, [
      {
        line: 2,
        column: 'kic1',
        text: 'expected 32 or 48 hexadecimal digits for 3des; got 64 characters',
      },
    ]);
    assert.deepEqual(parse({ kic1: KEY + KEY.slice(16), ota_algorithm: '3DES' }).problems, []);
  });

  test('make two subscriptions differ', () => {
    const [one, other] = [{ kic1: KEY }, { kid2: KEY, ota_algorithm: '3des' }].map((keys) =>
      toSubscription(parse(keys).values),
    );
    assert.deepEqual(differences(one!, other!), ['ota_algorithm', 'kic1', 'kid2']);
  });
});
