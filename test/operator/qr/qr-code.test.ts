// The QR codes of activation codes, read back by a decoder that shares no code with the encoder.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { qrModules, qrPng, qrSpan, qrSvg, QR_SIZE } from '../../../src/operator/qr/qr-code.ts';
import { decodeQr, findCode, readPng, readSvg } from '../../qr-decoder.ts';

const CODES = {
  short: '1$a.example$',
  usual: '1$localhost:8443$WXYZ7-ABCDE-FGHIJ-KLMNO',
  'upper case, which is alphanumeric': '1$SMDP.EXAMPLE.COM$QR-G-5C-1LS-1W1Z9P7',
  'with confirmation code': '1$smdp.example.com$04386-AGYFT-A74Y8-3F815$$1',
  'as long as the standard allows': `1$${'long.'.repeat(44)}example$${'A1'.repeat(12)}B`,
};

describe('a QR code', () => {
  for (const [name, code] of Object.entries(CODES)) {
    test(`${name}: SVG and PNG encode LPA: and the activation code, at level M`, () => {
      const modules = qrModules(code);
      const svg = findCode(readSvg(qrSvg(modules, 320)));
      assert.deepEqual(svg.margins, [4, 4, 4, 4]);
      assert.equal(decodeQr(svg.modules), `LPA:${code}`);
      const png = findCode(readPng(qrPng(modules, 320)));
      assert.deepEqual(png.modules, svg.modules);
    });
  }

  test('as PNG has modules as large as fit, a quiet zone of four, and is centred', () => {
    const modules = qrModules(CODES.usual);
    const span = qrSpan(modules);
    for (const size of [span, 2 * span - 1, 2 * span, 99, QR_SIZE.least, 1000, QR_SIZE.most]) {
      const picture = readPng(qrPng(modules, size));
      assert.deepEqual([picture.length, picture[0]!.length], [size, size]);
      const { scale, margins } = findCode(picture);
      assert.equal(scale, Math.floor(size / span));
      assert.ok(Math.min(...margins) >= 4 * scale);
      assert.ok(Math.max(...margins) - Math.min(...margins) <= 1);
    }
  });

  test('is the same bytes every time', () => {
    const [first, second] = [1, 2].map(() => qrPng(qrModules(CODES.usual), 640));
    assert.deepEqual(first, second);
    assert.ok(first!.length < 2_000, `${first!.length} bytes`);
  });

  test('with one module missing is not read', () => {
    const { modules } = findCode(readSvg(qrSvg(qrModules(CODES.usual), 320)));
    modules[20]![20] = !modules[20]![20];
    assert.throws(() => decodeQr(modules));
  });
});
