// CSV for spreadsheets and for programs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { csvLines } from '../../../src/operator/export/csv.ts';

const ICCID = '89883070000000000013';

/** As documented: one apostrophe is removed from what matches. */
const restored = (text: string) =>
  /^'+(\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(text) ? text.slice(1) : text;

describe('CSV', () => {
  test('RFC 4180 §2: lines end with CR LF; commas, quotes, CR and LF are quoted, quotes doubled', () => {
    assert.equal(
      csvLines([['a', null, '', 1, true, 'x,y', 'q"r', '1\n2', '1\r2', { b: [1] }]], false),
      'a,,,1,true,"x,y","q""r","1\n2","1\r2","{""b"":[1]}"\r\n',
    );
  });

  test('text that would be a formula begins with an apostrophe (OWASP, CSV Injection)', () => {
    for (const text of [
      '=1+1',
      "=cmd|' /C calc'!A0",
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      ' =1',
      '＝1',
      "'=1",
      "''+1",
    ]) {
      for (const spreadsheet of [false, true]) {
        const [[cell]] = parse(csvLines([[text]], spreadsheet)) as [[string]];
        assert.equal(cell, `'${text}`);
      }
    }
    assert.equal(
      csvLines([["it's", "'quoted'", 'a=b', 'a-b']], false),
      "it's,'quoted',a=b,a-b\r\n",
    );
  });

  test('a program gets every value back: it removes one apostrophe, by the documented rule', () => {
    const signs = fc.string({
      unit: fc.constantFrom(
        "'",
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        '"',
        ',',
        ' ',
        'a',
        '0',
        '＝',
      ),
    });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(signs, fc.string()), { minLength: 2, maxLength: 4 }),
        (values) => {
          const [cells] = parse(csvLines([values], false)) as [string[]];
          assert.deepEqual(cells.map(restored), values);
        },
      ),
    );
  });

  test('for a spreadsheet, what it would take for a number or a date is a text formula: no digit is lost', () => {
    const values = [ICCID, '0049', '1E5', '3-4', '1.5', '2026-11-23', '12:30'];
    assert.equal(
      csvLines([values], true),
      `${values.map((value) => `"=""${value}"""`).join(',')}\r\n`,
    );
    assert.equal(csvLines([values], false), `${values.join(',')}\r\n`);
    const others = [
      '2026-11-23T12:00:00Z',
      '8904903200500888260003348912345a',
      `HP${'0'.repeat(32)}`,
    ];
    assert.equal(csvLines([others], true), `${others.join(',')}\r\n`);
    assert.equal(csvLines([[9, 10]], true), '9,10\r\n', 'a count is sorted as one');
  });
});
