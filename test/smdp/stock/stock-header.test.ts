// Recognising the columns of a stock file: their own names, vendors' names, and errors about others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHeader } from '../../../src/smdp/stock/stock-header.ts';
import { parseMappings } from '../../../src/smdp/stock/stock-mapping.ts';

const NEEDED = ['iccid', 'imsi', 'ki', 'opc'];

function namesOf(fields: string[], ...mappings: string[]) {
  const { columns, problems } = parseHeader(fields, 1, parseMappings(mappings));
  assert.deepEqual(problems, []);
  return columns.map(({ name }) => name);
}

describe('the names of columns', () => {
  test('may be in any order and case, with any separators between words', () => {
    assert.deepEqual(
      namesOf(['OPc', 'Profile Type', 'KI', 'imsi', 'Icc-ID', 'ADM_1', '#PIN1', 'KIC 1 (hex)']),
      ['opc', 'profile_type', 'ki', 'imsi', 'iccid', 'adm1', 'pin1', 'kic1'],
    );
  });

  test('have variants in the field', () => {
    assert.deepEqual(
      namesOf(['ICCID', 'IMSI', 'K', 'OPC', 'pin', 'PUK', 'ADM', 'pin_adm2', 'chv2', 'MSISDN']),
      ['iccid', 'imsi', 'ki', 'opc', 'pin1', 'puk1', 'adm1', undefined, 'pin2', 'msisdn'],
    );
  });

  test('that are unknown are ignored, and listed', () => {
    const { columns } = parseHeader(['', 'id', 'ALGO_2G', ...NEEDED, 'LABEL', 'adm2', ''], 1);
    assert.deepEqual(
      columns.filter(({ name }) => name === undefined).map(({ title }) => title),
      ['', 'id', 'ALGO_2G', 'LABEL', 'adm2', ''],
    );
  });

  test('that are required but missing are reported in one sentence, with those found', () => {
    assert.deepEqual(parseHeader(['ICCID', 'colour', '', 'ki'], 3).problems, [
      {
        line: 3,
        text:
          'expected columns for imsi and for opc, op or topc, by their names or by a mapping; ' +
          "got 'ICCID', 'colour', one without a name, 'ki'",
      },
    ]);
  });

  test('are not reported missing one by one if the row contains values', () => {
    const values = ['8949440000009000074F', '999700000900007', '00'.repeat(16), 'ff'.repeat(16)];
    assert.deepEqual(parseHeader(values, 1).problems, [
      {
        line: 1,
        text:
          'expected a header row with column names; got values: add a header row, or map ' +
          'each column by its number, as in 1=iccid',
      },
    ]);
  });

  test('that occur twice, or mean the same, are reported as ambiguous', () => {
    assert.deepEqual(parseHeader([...NEEDED, 'K'], 1).problems, [
      {
        line: 1,
        column: 'ki',
        text: "expected one column for ki; got 'ki' (3) and 'K' (5): map one of them, or map one to ignore",
      },
    ]);
    assert.deepEqual(namesOf([...NEEDED, 'K'], 'K=ki'), ['iccid', 'imsi', undefined, 'opc', 'ki']);
    assert.deepEqual(namesOf([...NEEDED, 'K'], '5=ignore'), [...NEEDED, undefined]);
  });

  test('that are missing do not reveal secrets', () => {
    const secrets = ['465B5CE8B199B49FAA5F0A2EE238A6BC', '1234', 'ABCDEFAB', 'K12345'];
    const { problems, columns } = parseHeader(['imsi', '8949440000009000074', ...secrets], 1);
    const text = JSON.stringify([problems, columns]);
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    assert.match(problems[0]!.text, /got 'imsi', '19 characters', '32 characters', '4 characters'/);
  });
});

describe('a mapping', () => {
  test('names a column as in the file, or by its number', () => {
    const fields = ['Card No.', 'Subscriber', 'Secret, 128 bit', '', 'op-type=c'];
    const said = ['card no=ICCID', 'Subscriber=imsi', '3=K', '4=opc', 'op-type=c=acc'];
    assert.deepEqual(namesOf(fields, ...said), ['iccid', 'imsi', 'ki', 'opc', 'acc']);
  });

  test('takes precedence over the name of another column', () => {
    assert.deepEqual(namesOf(['iccid', 'serial', 'imsi', 'ki', 'opc'], 'serial=iccid'), [
      undefined,
      'iccid',
      'imsi',
      'ki',
      'opc',
    ]);
  });

  test('of an unknown column is an error', () => {
    assert.deepEqual(parseHeader(NEEDED, 1, parseMappings(['LABEL=acc', '5=pin1'])).problems, [
      {
        line: 1,
        text: "expected a column 'LABEL', as the mapping says; got 'iccid', 'imsi', 'ki', 'opc'",
      },
      {
        line: 1,
        text: "expected a column '5', as the mapping says; got 'iccid', 'imsi', 'ki', 'opc'",
      },
    ]);
  });

  test('of all columns makes a file without names readable', () => {
    const row = ['8949440000009000074', '999700000900007', '00112233445566778899AABBCCDDEEFF'];
    const said = parseMappings(['1=iccid', '2=imsi', '3=ki', '4=opc']);
    const { isData, columns } = parseHeader([...row, row[2]!], 1, said);
    assert.equal(isData, true);
    assert.deepEqual(
      columns.map(({ title }) => title),
      ['', '', '', ''],
    );
    assert.equal(parseHeader(NEEDED, 1, said).isData, false);
  });

  for (const [texts, message] of [
    [['ki'], "expected COLUMN=FIELD; got 'ki'"],
    [['=ki'], "expected COLUMN=FIELD; got '=ki'"],
    [['A=ki', 'A=opc'], "expected each column once; got 'A' again"],
    [['A=ki', 'B=K'], "expected one column for ki; got 'B', too"],
  ] as const) {
    test(`is not ${texts.join(' and ')}`, () => {
      assert.throws(() => parseMappings(texts), { name: 'MappingError', message });
    });
  }

  test('must have a known field', () => {
    assert.throws(
      () => parseMappings(['A=colour']),
      /expected one of iccid, imsi, .*kik15, or ignore; got 'colour'/,
    );
  });
});
