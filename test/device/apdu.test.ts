// The eUICC as a card, over the protocol of lpac's stdio driver.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { ApduCard } from '../../src/device/apdu.ts';
import { authenticateServerRequest } from '../../src/device/lpa-authentication.ts';
import { answerLine, serveApduStdio } from '../../src/device/apdu-stdio.ts';
import {
  GetEuiccDataResponse,
  GetEuiccChallengeResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { decodeEid } from '../../src/rsp/identifiers.ts';
import { EID, testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();
const STORE_DATA = [0x81, 0xe2, 0x91, 0x00];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function ask(card: ApduCard, func: string, param: string | null = null) {
  const line = answerLine(card, JSON.stringify({ type: 'apdu', payload: { func, param } }));
  return JSON.parse(line ?? 'null') as { type: string; payload: { ecode: number; data?: string } };
}

/** Sends a request in blocks of `size` bytes and collects the response. */
function store(card: ApduCard, request: Uint8Array, size = 120): Uint8Array {
  const count = Math.max(1, Math.ceil(request.length / size));
  let response = new Uint8Array();
  for (let index = 0; index < count; index += 1) {
    const block = request.subarray(index * size, (index + 1) * size);
    const p1 = index === count - 1 ? 0x91 : 0x11;
    response = Uint8Array.from(
      card.transmit(Uint8Array.of(0x81, 0xe2, p1, index, block.length, ...block)),
    );
  }
  const parts: Uint8Array[] = [];
  while (response.at(-2) === 0x61) {
    parts.push(response.subarray(0, -2));
    response = Uint8Array.from(
      card.transmit(Uint8Array.of(0x81, 0xc0, 0, 0, response.at(-1) ?? 0)),
    );
  }
  assert.equal(hex(response.subarray(-2)), '9000');
  return Uint8Array.from(Buffer.concat([...parts, response.subarray(0, -2)]));
}

describe('the stdio protocol', () => {
  test('opens a channel, transmits, closes', () => {
    const card = new ApduCard(testEuicc(pki));
    assert.deepEqual(ask(card, 'connect'), { type: 'apdu', payload: { ecode: 0 } });
    assert.equal(ask(card, 'logic_channel_open', 'A0000005591010').payload.ecode, 1);
    const { ecode, data = '' } = ask(card, 'transmit', '81e2910003bf3e00').payload;
    assert.equal(ecode, 0);
    assert.ok(data.endsWith('9000'));
    const response = Uint8Array.from(Buffer.from(data.slice(0, -4), 'hex'));
    assert.equal(decodeEid(GetEuiccDataResponse.decode(response).eidValue), EID);
    assert.equal(ask(card, 'logic_channel_close', '01').payload.ecode, 0);
    assert.equal(ask(card, 'disconnect').payload.ecode, 0);
  });

  test('answers unknown requests with an error, and ignores lines for people', () => {
    const card = new ApduCard(testEuicc(pki));
    assert.equal(ask(card, 'other').payload.ecode, -1);
    assert.equal(ask(card, 'transmit').payload.ecode, -1);
    assert.equal(ask(card, 'transmit', 'xyz').payload.ecode, -1);
    for (const line of ['{"type":"progress"}', '{"type":"lpa"}', 'text', '[]', 'null']) {
      assert.equal(answerLine(card, line), undefined);
    }
  });

  test('works over streams', async () => {
    const [input, output, messages] = [new PassThrough(), new PassThrough(), [] as string[]];
    input.write('{"type":"apdu","payload":{"func":"connect","param":null}}\n\n');
    input.end('{"type":"lpa","payload":{"code":0}}\n');
    const card = new ApduCard(testEuicc(pki));
    await serveApduStdio(card, input, output, (line) => messages.push(line));
    output.end();
    assert.equal(await text(output), '{"type":"apdu","payload":{"ecode":0}}\n');
    assert.deepEqual(messages, ['{"type":"lpa","payload":{"code":0}}']);
  });
});

describe('§5.7.2 STORE DATA', () => {
  test('accepts blocks of any size, and returns long responses in parts', async () => {
    await using smdp = await startSmallSmdp({ pki });
    for (const size of [6, 120, 255]) {
      const phone = testPhone(smdp);
      let changes = 0;
      const card = new ApduCard(phone.euicc, () => (changes += 1));
      const challenge = GetEuiccChallengeResponse.decode(
        store(card, Uint8Array.of(0xbf, 0x2e, 0x00), size),
      );
      const initiated = await phone.es9.initiateAuthentication(
        smdp.address,
        challenge.euiccChallenge,
        store(card, Uint8Array.of(0xbf, 0x20, 0x00), size),
      );
      const request = authenticateServerRequest(initiated, 'ABC', '356938035643809');
      const response = store(card, request, size);
      assert.ok(response.length > 1000);
      await phone.es9.authenticateClient(smdp.address, initiated.transactionId, response);
      assert.equal(changes, 3);
    }
  });

  const refused: [string, number[], string][] = [
    ['a block out of order', [0x81, 0xe2, 0x91, 0x05, 0x01, 0x00], '6a86'],
    ['another P1', [0x81, 0xe2, 0x00, 0x00, 0x01, 0x00], '6a86'],
    ['a block shorter than its length', [...STORE_DATA, 0x05, 0x00], '6700'],
    ['another instruction', [0x81, 0xb0, 0x00, 0x00, 0x00], '6d00'],
    ['a truncated command', [0x81], '6700'],
    ['malformed DER', [...STORE_DATA, 0x02, 0xbf, 0x38], '6a80'],
    ['an unknown function', [...STORE_DATA, 0x03, 0xbf, 0x7e, 0x00], '6a80'],
    ['a segment without a session', [...STORE_DATA, 0x04, 0xbf, 0x36, 0x01, 0x00], '6985'],
  ];
  for (const [what, apdu, sw] of refused) {
    test(`refuses ${what} with ${sw}`, () => {
      const card = new ApduCard(testEuicc(pki));
      assert.equal(hex(card.transmit(Uint8Array.from(apdu))), sw);
    });
  }
});
