// What each column of a stock file takes, and what is said of anything else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHeader, parseRow, toSubscription } from '../../src/profile/stock-csv.ts';
import type { ColumnName } from '../../src/profile/stock-csv.ts';

const KI = '465b5ce8b199b49faa5f0a2ee238a6bc';
const OP = 'cdc202d5123e20f62b6d676ac72cb318';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';
const GOOD = { iccid: '89883030000000000007', imsi: '901280000000001', ki: KI, opc: OPC };

function parse(values: Partial<Record<ColumnName, string>>) {
  const all = { ...GOOD, ...values };
  return parseRow(Object.values(all), Object.keys(all) as ColumnName[], 2);
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

  test('may leave out all but iccid, imsi, ki and opc', () => {
    const { values, problems } = parse({ acc: '', pin1: '', msisdn: '', profile_type: '' });
    assert.deepEqual(problems, []);
    const secrets = { ki: KI.toUpperCase(), opc: OPC };
    const { iccid, imsi } = GOOD;
    assert.deepEqual(toSubscription(values), { iccid, imsi, profileType: 'default', secrets });
  });

  test('TS 35.208 §4.3 test set 1: op is turned into opc', () => {
    const { values } = parse({ opc: '', op: OP });
    assert.equal(toSubscription(values).secrets.opc, OPC);
  });

  const bad: [ColumnName, string, string][] = [
    ['iccid', '', 'expected 18 to 20 digits beginning with 89; got nothing'],
    ['iccid', '8988303', 'expected 18 to 20 digits beginning with 89; got 7 characters'],
    ['iccid', '8,98830E+18', "expected 18 to 20 digits beginning with 89; got '8,98830E+18'"],
    [
      'iccid',
      '89883030000000000001',
      "expected the check digit 7 at the end; got '89883030000000000001'",
    ],
    ['imsi', '00101000000000123', "expected 6 to 15 digits; got '00101000000000123'"],
    ['imsi', KI, 'expected 6 to 15 digits; got 32 characters'],
    ['ki', KI.slice(1), 'expected 32 hexadecimal digits, or 64 with topc; got 31 characters'],
    ['ki', '', 'expected 32 hexadecimal digits, or 64 with topc; got nothing'],
    ['opc', `${OPC.slice(1)}g`, 'expected 32 hexadecimal digits; got 32 characters'],
    ['acc', '00fg', "expected 4 hexadecimal digits; got '00fg'"],
    ['pin1', '123', 'expected 4 to 8 digits; got 3 characters'],
    ['puk1', '1234567', 'expected 8 digits; got 7 characters'],
    ['pin2', '123456789', 'expected 4 to 8 digits; got 9 characters'],
    ['puk2', '1234567a', 'expected 8 digits; got 8 characters'],
    ['adm1', '123456789', 'expected 4 to 8 digits or 16 hexadecimal digits; got 9 characters'],
    ['mnc_length', '4', "expected 2 or 3; got '4'"],
    ['msisdn', '0044', 'expected 2 to 15 digits, with or without +; got 4 characters'],
    ['msisdn', '+0044 7700', "expected 2 to 15 digits, with or without +; got '+0044 7700'"],
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

  test('TS 35.231: with topc ki may be of 32 bytes, with opc not', () => {
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
    assert.deepEqual(parseRow(['1', '2'], ['iccid', 'imsi', 'ki'], 7).problems, [
      { line: 7, text: 'expected 3 fields, as the first row has; got 2' },
    ]);
  });
});

describe('the first row', () => {
  test('names the columns in any order and case', () => {
    assert.deepEqual(parseHeader(['OPc', 'Profile Type', 'KI', 'imsi', 'Iccid'], 1), {
      columns: ['opc', 'profile_type', 'ki', 'imsi', 'iccid'],
      problems: [],
    });
  });

  test('names known columns, each once, and those that are needed', () => {
    const { problems } = parseHeader(['iccid', 'ICCID', 'colour', 'ki'], 1);
    assert.deepEqual(
      problems.map(({ column, text }) => [
        column,
        text.replace(/one of the columns .* in/, '… in'),
      ]),
      [
        ['iccid', 'expected one such column; got another in field 2 of the first row'],
        [undefined, "expected … in field 3 of the first row; got 'colour'"],
        ['imsi', 'expected this column; got none of this name'],
        ['opc', 'expected this column, op or topc; got none of them'],
      ],
    );
  });

  test('that is missing gives no secret away', () => {
    const { problems } = parseHeader([GOOD.iccid, GOOD.imsi, KI, OPC, '1234', 'ABCDEFAB'], 1);
    const text = JSON.stringify(problems);
    for (const secret of [KI, OPC, "'1234'", 'ABCDEFAB']) assert.ok(!text.includes(secret));
  });
});
