import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatActivationCode, parseActivationCode } from '../../src/rsp/activation-code.ts';

describe('§4.1 activation code', () => {
  for (const [text, code] of [
    ['1$smdp.example.com$ABC-1', { smdpAddress: 'smdp.example.com', matchingId: 'ABC-1' }],
    ['1$SMDP.GSMA.COM$', { smdpAddress: 'SMDP.GSMA.COM', matchingId: '' }],
    ['1$localhost:8443$A', { smdpAddress: 'localhost:8443', matchingId: 'A' }],
    ['1$a.b$My_Matching-Id', { smdpAddress: 'a.b', matchingId: 'My_Matching-Id' }],
    ['1$a.b$A$2.999.10', { smdpAddress: 'a.b', matchingId: 'A', smdpOid: '2.999.10' }],
  ] as const) {
    test(`${text} is read and written`, () => {
      const parsed = { ...code, confirmationCodeRequired: false };
      assert.deepEqual(parseActivationCode(text), parsed);
      assert.equal(formatActivationCode(parsed), text);
    });
  }

  test('the confirmation code flag keeps the empty place of the OID', () => {
    const code = { smdpAddress: 'a.b', matchingId: 'A', confirmationCodeRequired: true };
    assert.equal(formatActivationCode(code), '1$a.b$A$$1');
    assert.deepEqual(parseActivationCode('1$a.b$A$$1'), code);
  });

  test('the prefix of a QR code in any case, and parts of later versions, are accepted', () => {
    for (const text of [
      'LPA:1$a.b$A',
      'lpa:1$a.b$A',
      ' LPA:1$a.b$A ',
      '1$a.b$A$$',
      '1$a.b$A$$$x$',
    ]) {
      assert.equal(parseActivationCode(text)?.matchingId, 'A', text);
    }
  });

  test('an invalid activation code is refused', () => {
    for (const text of [
      '',
      '1',
      '1$a.b',
      '2$a.b$A',
      '1$$A',
      '1$https://a.b$A',
      '1$a.b$a b',
      '1$a.b$A$x',
      '1$a.b$A$$2',
      `1$a.b$${'A'.repeat(250)}`,
    ]) {
      assert.equal(parseActivationCode(text), undefined, text);
    }
  });

  test('parts that cannot form an activation code are refused', () => {
    for (const smdpAddress of ['', 'a$b']) {
      assert.throws(
        () =>
          formatActivationCode({ smdpAddress, matchingId: 'A', confirmationCodeRequired: false }),
        RangeError,
      );
    }
  });
});
