// The eUICC as a card, over the protocol of lpac's stdio driver.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { ApduCard, ATR } from '../../src/device/apdu.ts';
import { insertIntoVpcd, serveVpcd } from '../../src/device/apdu-vpcd.ts';
import { openEuicc } from '../../src/device/euicc.ts';
import { authenticateServerRequest } from '../../src/device/lpa-authentication.ts';
import { answerLine, serveApduStdio } from '../../src/device/apdu-stdio.ts';
import {
  GetEuiccDataResponse,
  GetEuiccChallengeResponse,
} from '../../src/rsp/definitions/local-functions.ts';
import { decodeEid } from '../../src/rsp/identifiers.ts';
import { ICCID } from '../eim/parties.ts';
import { associated, putProfile } from './iot.ts';
import { EID, testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';
import { testPki } from './test-pki.ts';

const pki = testPki();
const STORE_DATA = [0x81, 0xe2, 0x91, 0x00];
const AID = 'a0000005591010ffffffff8900000100';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function ask(card: ApduCard, func: string, param: string | null = null) {
  const line = answerLine(card, JSON.stringify({ type: 'apdu', payload: { func, param } }));
  return JSON.parse(line ?? 'null') as { type: string; payload: { ecode: number; data?: string } };
}

/** With the ISD-R selected on channel 1. */
function openCard(euicc = testEuicc(pki)): ApduCard {
  const card = new ApduCard(euicc);
  assert.equal(card.openChannel(), 1);
  return card;
}

/** Sends commands one after the other. @returns the responses */
const sent = (card: ApduCard, ...commands: string[]) =>
  commands.map((command) => hex(card.transmit(Uint8Array.fromHex(command.replaceAll(' ', '')))));

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
    assert.equal(ask(card, 'logic_channel_open', 'A0000000871002').payload.ecode, -1);
    assert.equal(ask(card, 'transmit', '81e2910003bf3e00').payload.data, '6115');
    const { ecode, data = '' } = ask(card, 'transmit', '81c0000015').payload;
    assert.equal(ecode, 0);
    assert.ok(data.endsWith('9000'));
    const response = Uint8Array.from(Buffer.from(data.slice(0, -4), 'hex'));
    assert.equal(decodeEid(GetEuiccDataResponse.decode(response).eidValue), EID);
    assert.equal(ask(card, 'logic_channel_close', '01').payload.ecode, 0);
    assert.equal(ask(card, 'logic_channel_close', '01').payload.ecode, -1);
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
      const kept: number[] = [];
      const euicc = openEuicc(testEuicc(pki).state, { keep: (tag) => kept.push(tag) });
      const phone = testPhone(smdp, { euicc });
      const card = openCard(euicc);
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
      assert.deepEqual(kept, [0xbf2e, 0xbf20, 0xbf38]);
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
      assert.equal(hex(openCard().transmit(Uint8Array.from(apdu))), sw);
    });
  }

  test('a command that says how much it takes is answered at once; what is not fetched is lost', () => {
    const card = openCard();
    const [[eid, first, second, lost]] = [
      sent(card, '81e2910003bf3e0000', '81e2910003bf3e0005', '81c0000000', '81c0000000'),
    ];
    assert.match(eid!, /^bf3e125a1089.{30}9000$/);
    assert.equal(first, 'bf3e125a106110');
    assert.match(second!, /^89.{30}9000$/);
    assert.equal(lost, '6985');
    assert.deepEqual(sent(card, '81e2910003bf3e00', '80aa000000', '81c0000015').slice(1), [
      '9000',
      // Another command on another channel does not matter.
      `${eid}`,
    ]);
    assert.deepEqual(sent(card, '81e2910003bf3e00', '81e2910003bf2e00', '81c0000015').length, 3);
  });
});

describe('§5.7.1 SELECT', () => {
  test('SGP.32 §3.8.4 by AID: the answer says what kind of eUICC it is, and whether a profile is enabled', () => {
    const phone = new ApduCard(testEuicc(pki));
    assert.deepEqual(sent(phone, `00a4040410${AID}`, '00c0000021'), [
      '6121',
      `6f1f 8410${AID} a5049f6501ff e005 8203020500 9000`.replaceAll(' ', ''),
    ]);
    const { euicc } = associated({ pki });
    const card = new ApduCard(euicc);
    const [, none] = sent(card, `00a4040410${AID}`, '00c0000000');
    assert.match(none!, /e103800100 ?9000$/);
    putProfile(euicc, ICCID, { isEnabled: true });
    const [, enabled] = sent(card, `00a4040410${AID}`, '00c0000000');
    assert.match(enabled!, /e10480020640 ?9000$/);
  });

  test('§2.4.2 the ECASD tells the EID, and takes nothing else', () => {
    const card = new ApduCard(testEuicc(pki));
    const ecasd = AID.replace(/01(..)$/, '02$1');
    assert.deepEqual(
      sent(card, `00a4040010${ecasd}`, '80ca005a00', '80ca006600', '80e2910003bf3e00'),
      ['611a', `5a10${EID}9000`, '6a88', '6985'],
    );
    assert.deepEqual(sent(card, `00a404000c${AID}`.slice(0, 10)), ['6a82']);
    assert.deepEqual(sent(card, `00a4040c10${AID}`, '80ca005a00'), ['9000', '6d00']);
  });

  test('ISO/IEC 7816-4 §7.1.1 by the beginning of the AID, without an answer; nothing else is there', () => {
    const card = new ApduCard(testEuicc(pki));
    assert.deepEqual(
      sent(
        card,
        '00a4040c07a0000005591010',
        '00a4040007a0000000871002',
        '00a40004023f00',
        '00a4040000',
      ),
      ['9000', '6a82', '6a82', '6a82'],
    );
    assert.equal(sent(card, '80e2910003bf3e00')[0], '6115', 'the ISD-R is still selected');
  });
});

describe('TS 102 221 §11.1.17 logical channels', () => {
  test('the card chooses a number, or the terminal; each has its own selection and its own blocks', () => {
    const card = new ApduCard(testEuicc(pki));
    assert.deepEqual(
      sent(card, '0070000001', '0070000300', '0070000300', '0070000001', '0070001400'),
      ['019000', '9000', '6a86', '029000', '6a86'],
    );
    assert.deepEqual(sent(card, '81e2910003bf3e00', '83a4040c05a000000559', '83e2910003bf3e00'), [
      '6985',
      '9000',
      '6115',
    ]);
    // Half a request on one channel does not disturb the other.
    assert.deepEqual(
      sent(card, '01a4040c05a000000559', '81e2110001bf', '83e2910003bf3e00', '81e29101023e00'),
      ['9000', '9000', '6115', '6115'],
    );
    assert.deepEqual(
      sent(card, '0070800100', '81e2910003bf3e00', '0070800100', '0370800000', '0070800000'),
      ['9000', '6881', '6a86', '9000', '6a86'],
    );
  });

  test('TS 102 221 §10.1.1 there are twenty; channels above 3 have other classes, and some classes are none', () => {
    const card = new ApduCard(testEuicc(pki));
    const opened = Array.from({ length: 20 }, () => sent(card, '0070000001')[0]);
    assert.deepEqual(opened.slice(-2), ['139000', '6a81']);
    assert.deepEqual(
      sent(
        card,
        '4fa4040c05a000000559',
        'cfe2910003bf3e00',
        '4fc0000002',
        '04a4040000',
        '20a4040000',
      ),
      ['9000', '6115', 'bf3e6113', '6882', '6e00'],
    );
  });
});

describe('TS 102 221 §14 what the terminal tells', () => {
  test('TS 102 223 §5.2 a REFRESH waits only for a terminal that has told its profile', () => {
    const { euicc } = associated({ pki });
    const card = openCard(euicc);
    euicc.refreshes = true;
    assert.deepEqual(sent(card, '80aa000005a903840101', '81e2910003bf3e0000')[0], '9000');
    assert.match(sent(card, '81e2910003bf3e0000')[0]!, /9000$/);
    assert.deepEqual(sent(card, '8010000001ff', '801200000b'), [
      '910b',
      'd0098103010104820281829000',
    ]);
    assert.match(sent(card, '81e2910003bf3e0000')[0]!, /910b$/);
    assert.equal(sent(card, '801400000c810301010402028281030100')[0], '9000');
    assert.match(sent(card, '81e2910003bf3e0000')[0]!, /9000$/);
  });

  test('a reset closes channels, and ends what the eUICC does', () => {
    const { euicc } = associated({ pki });
    const card = openCard(euicc);
    sent(card, '81e2910003bf2e0000');
    assert.ok(euicc.euiccChallenge);
    card.reset();
    assert.equal(euicc.euiccChallenge, undefined);
    assert.equal(sent(card, '81e2910003bf3e00')[0], '6881');
  });
});

describe('vpcd, the reader of vsmartcard', () => {
  test('gives the ATR, resets, and answers what comes in parts', async (context) => {
    const reader = createServer().listen(0, '127.0.0.1');
    await once(reader, 'listening');
    const connected = once(reader, 'connection') as Promise<[Socket]>;
    const socket = await insertIntoVpcd('127.0.0.1', (reader.address() as AddressInfo).port);
    const [vpcd] = await connected;
    context.after(() => {
      socket.destroy();
      reader.close();
    });
    let isPowered = false;
    const served = serveVpcd(new ApduCard(testEuicc(pki)), socket, () => (isPowered = true));
    const answers = vpcd[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const answer = async () => (await answers.next()).value.toString('hex');
    const atr = ATR.toHex();
    vpcd.write(Buffer.from('000104', 'hex'));
    assert.equal(await answer(), `000e${atr}`);
    vpcd.write(Buffer.from('000101000104', 'hex'));
    assert.equal(await answer(), `000e${atr}`);
    assert.equal(isPowered, false);
    vpcd.write(Buffer.from('000104', 'hex'));
    assert.equal(await answer(), `000e${atr}`);
    assert.equal(isPowered, true);
    const select = Buffer.from(`0015 00a4040410${AID}`.replace(' ', ''), 'hex');
    vpcd.write(select.subarray(0, 9));
    vpcd.write(select.subarray(9));
    assert.equal(await answer(), '00026121');
    vpcd.end();
    await served;
  });

  test('TS 102 221 §6.3 the ATR offers T=0, says that it is an eUICC, and has its check byte', () => {
    assert.equal(
      ATR.reduce((all, byte, index) => (index === 0 ? 0 : all ^ byte), 0),
      0,
    );
    const [, t0 = 0, td1 = 0, td2 = 0, , tb3 = 0] = ATR;
    assert.deepEqual([t0 & 0xf0, td1, td2, tb3 & 0x02], [0x80, 0x80, 0x3f, 0x02]);
    assert.equal(ATR.length, 6 + (t0 & 0x0f) + 1);
  });
});
