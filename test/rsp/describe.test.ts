import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeMessage, type MessageName } from '../../src/rsp/describe.ts';
import { CancelSessionResponse } from '../../src/rsp/definitions/cancel-session.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import { EuiccCancelSessionSigned } from '../../src/rsp/definitions/cancel-session.ts';
import { ServerSigned1 } from '../../src/rsp/definitions/authenticate-server.ts';
import { samples } from './messages.ts';
import { hex, toHex } from './vectors.ts';

describe('messages for people', () => {
  test('a message is written in ASN.1 value notation with the names of the standard', () => {
    const der = CancelSessionResponse.encode({
      cancelSessionResponseOk: {
        euiccCancelSessionSigned: encoded(EuiccCancelSessionSigned, {
          transactionId: hex('ab01'),
          smdpOid: '2.999.10',
          reason: 0,
        }),
        euiccCancelSessionSignature: hex('0102'),
      },
    });
    assert.equal(
      describeMessage('CancelSessionResponse', der),
      [
        'value CancelSessionResponse ::= cancelSessionResponseOk : {',
        '  euiccCancelSessionSigned {',
        "    transactionId 'AB01'H,",
        '    smdpOid { 2 999 10 },',
        '    reason endUserRejection -- 0 --',
        '  },',
        "  euiccCancelSessionSignature '0102'H",
        '}',
      ].join('\n'),
    );
  });

  test('keys and confirmation code hashes are omitted from every message', () => {
    const secrets = ['CCCCCCCC', 'C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1C1', 'C2C2C2C2', 'C3C3C3C3'];
    for (const name of [
      'ReplaceSessionKeysRequest',
      'PrepareDownloadRequest',
      'PrepareDownloadResponse',
    ]) {
      for (const { type, value } of samples.filter((sample) => sample.name === name)) {
        const text = describeMessage(name as MessageName, type.encode(value)).toUpperCase();
        for (const secret of secrets) assert.ok(!text.includes(secret), text);
      }
    }
  });

  test('long values are shortened, with their length', () => {
    const sample = samples.find(({ name }) => name === 'BoundProfilePackage');
    const text = describeMessage('BoundProfilePackage', sample!.type.encode(sample!.value));
    assert.match(text, /'86[0-9A-F]{78}…'H -- 1020 octets --/);
  });

  test('text cannot forge log lines', () => {
    const der = ServerSigned1.encode({
      transactionId: hex('01'),
      euiccChallenge: new Uint8Array(16),
      serverAddress: 'a"\n-- forged\u2028\u202e',
      serverChallenge: new Uint8Array(16),
    });
    assert.match(
      describeMessage('ServerSigned1', der),
      /serverAddress "a""\ufffd-- forged\ufffd\ufffd",\n/,
    );
  });

  test('for bytes that are not such a message, only the error is shown', () => {
    const der = hex('bf3803a2015a');
    const text = describeMessage('AuthenticateServerResponse', der);
    assert.match(
      text,
      /^-- 6 octets that are not AuthenticateServerResponse: .* \(at byte 3\) --$/,
    );
    assert.ok(!text.includes(toHex(der)));
  });
});
