// Messages in the RSP log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeLogged,
  fromLoggedParts,
  loggedMessage,
  loggedPrepareDownloadResponse,
} from '../../../src/smdp/download/logged-message.ts';
import {
  EUICCSigned2,
  PrepareDownloadResponse,
  SmdpSigned2,
} from '../../../src/rsp/definitions/prepare-download.ts';
import { describeMessage } from '../../../src/rsp/describe.ts';
import { encoded } from '../../../src/rsp/encoded.ts';

const transactionId = new Uint8Array(16).fill(1);
const hashCc = new Uint8Array(32).fill(0x77);
const euiccOtpk = new Uint8Array(65).fill(4);

function responseWith(signed: EUICCSigned2) {
  const value = {
    downloadResponseOk: {
      euiccSigned2: encoded(EUICCSigned2, signed),
      euiccSignature2: new Uint8Array(64).fill(5),
    },
  };
  return { value, der: PrepareDownloadResponse.encode(value) };
}

function logged(signed: EUICCSigned2): string {
  const { value, der } = responseWith(signed);
  return fromLoggedParts(loggedPrepareDownloadResponse('PrepareDownloadResponse', der, value));
}

test('messages are stored as bytes, and shown as text', () => {
  const { der } = responseWith({ transactionId, euiccOtpk });
  const text = logged({ transactionId, euiccOtpk });
  assert.match(text, /^DER PrepareDownloadResponse [A-Za-z0-9+/]+=*$/);
  assert.equal(describeLogged(text), describeMessage('PrepareDownloadResponse', der));

  const signed2 = SmdpSigned2.encode({ transactionId, ccRequiredFlag: false });
  const two = `${text}\n${fromLoggedParts(loggedMessage('SmdpSigned2', signed2))}`;
  assert.equal(
    describeLogged(two),
    `${describeLogged(text)}\n${describeMessage('SmdpSigned2', signed2)}`,
  );
});

test('a hash of the confirmation code is not stored, neither as bytes nor as text', () => {
  const text = logged({ transactionId, euiccOtpk, hashCc });
  assert.equal(describeLogged(text), text);
  assert.match(text, /hashCc ''H -- 32 octets, secret --/);
  assert.doesNotMatch(text, /DER|77777777|d3d3d3d3/i);
});

test('text stored by an older version is kept', () => {
  const words = 'value EUICCInfo1 ::= {\n  svn "2.5.0"\n}';
  assert.equal(describeLogged(words), words);
});
