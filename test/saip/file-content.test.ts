// TS 102 222 §6.3.2.2.2 and the file templates: the content of a file, and the fill for a content.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  layoutOf,
  readFile,
  recordSizeOf,
  structureOf,
  toBytes,
  toNumber,
  writeFile,
} from '../../src/saip/file-content.ts';
import type { FileLayout } from '../../src/saip/file-content.ts';
import { templateFile } from '../../src/saip/file-template.ts';
import type { Fcp, File } from '../../src/saip/file.ts';
import { SaipError } from '../../src/saip/saip-error.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const described = (fcp: Fcp): File => [{ choice: 'fileDescriptor', value: fcp }];
const content = (text: string): File => [{ choice: 'fillFileContent', value: hex(text) }];
const offset = (value: number): File => [{ choice: 'fillFileOffset', value }];

function layout(file: File, name = 'ef-sms', element = 'usim'): FileLayout {
  const found = layoutOf(element, '2.23.143.1.2.4', name, file);
  assert.ok(found);
  return found;
}

void test('an unspecified file has the structure, size and content of annex A', () => {
  const sms = layout([]);
  assert.equal(sms.structure, 'linear');
  assert.equal(sms.size, 1760);
  assert.equal(sms.recordSize, 176);
  assert.equal(readFile([], sms).subarray(174, 179).toHex(), 'ffff00ffff');
  assert.equal(readFile([], layout([], 'ef-ad')).toHex(), '00000002');
});

void test('annex A: EF.UST has 14 bytes in the first template and 17 in the second', () => {
  assert.equal(templateFile('usim', '2.23.143.1.2.4', 'ef-ust')?.size, 14);
  assert.equal(templateFile('usim', '2.23.143.1.2.4.2', 'ef-ust')?.size, 17);
});

void test('the descriptor takes precedence over annex A', () => {
  const file = described({ fileDescriptor: hex('42210004'), efFileSize: hex('0c') });
  assert.deepEqual(
    { ...layout(file), initial: undefined },
    {
      where: 'usim/ef-sms',
      structure: 'linear',
      size: 12,
      recordSize: 4,
      initial: undefined,
    },
  );
});

void test('a file without a size has no layout', () => {
  assert.equal(layoutOf('isim', '2.23.143.1.2.8', 'ef-impi', []), undefined);
  assert.equal(layoutOf('telecom', '2.23.143.1.2.3', 'ef-arr', []), undefined);
});

void test('fillPattern: once in each record, its last byte repeated to the end', () => {
  const file = described({
    fileDescriptor: hex('42210004'),
    efFileSize: hex('08'),
    proprietaryEFInfo: { fillPattern: hex('00aa') },
  });
  assert.equal(readFile(file, layout(file)).toHex(), '00aaaaaa00aaaaaa');
});

void test('repeatPattern: repeated to the end', () => {
  const file = described({
    fileDescriptor: hex('4121'),
    efFileSize: hex('05'),
    proprietaryEFInfo: { repeatPattern: hex('0102') },
  });
  assert.equal(readFile(file, layout(file)).toHex(), '0102010201');
});

void test('offsets skip from the end of the last content', () => {
  const file = [
    ...described({ fileDescriptor: hex('4121'), efFileSize: hex('08') }),
    ...offset(1),
    ...content('01'),
    ...offset(2),
    ...content('0203'),
  ];
  assert.equal(readFile(file, layout(file)).toHex(), '0001ffff0203ffff');
});

void test('content beyond the end of the file is refused', () => {
  const file = [...offset(9), ...content('0102')];
  assert.throws(() => readFile(file, layout(file, 'ef-iccid', 'mf')), SaipError);
});

void test('writing keeps the descriptor and makes one fill for the whole file', () => {
  const file = [
    ...described({ fileDescriptor: hex('4121'), efFileSize: hex('06') }),
    ...content('01'),
    ...offset(1),
    ...content('02'),
  ];
  const at = layout(file, 'ef-ad');
  const next = writeFile(file, at, hex('0a0b00020202'));
  assert.deepEqual(next, [...file.slice(0, 1), ...content('0a0b00020202')]);
  assert.equal(readFile(next, at).toHex(), '0a0b00020202');
  assert.throws(() => writeFile(file, at, hex('00')), SaipError);
});

void test('writing stops after the last record that differs from the pattern', () => {
  const file = described({ fileDescriptor: hex('42210002'), efFileSize: hex('08') });
  const at = layout(file, 'ef-smsp');
  assert.deepEqual(writeFile(file, at, hex('ffff01ffffffffff')), [...file, ...content('ffff01ff')]);
  assert.deepEqual(writeFile(file, at, at.initial), [...file, ...content('ffff')]);
});

void test('TS 102 221 §11.1.1.4.3: structures and record sizes in the file descriptor', () => {
  assert.equal(structureOf({ fileDescriptor: hex('4121') }), 'transparent');
  assert.equal(structureOf({ fileDescriptor: hex('42210021') }), 'linear');
  assert.equal(structureOf({ fileDescriptor: hex('46210003') }), 'cyclic');
  assert.equal(structureOf({ fileDescriptor: hex('7921') }), 'ber-tlv');
  assert.equal(structureOf({ fileDescriptor: hex('7821') }), undefined);
  assert.equal(structureOf({}), undefined);
  assert.equal(recordSizeOf({ fileDescriptor: hex('42210121') }), 0x121);
  assert.equal(recordSizeOf({ fileDescriptor: hex('4121') }), undefined);
});

void test('efFileSize uses as few bytes as possible', () => {
  for (const [value, text] of [
    [0, '00'],
    [10, '0a'],
    [256, '0100'],
    [65536, '010000'],
  ] as const) {
    assert.equal(toBytes(value).toHex(), text);
    assert.equal(toNumber(hex(text)), value);
  }
});
