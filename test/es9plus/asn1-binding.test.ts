// §6.6 the ASN.1 binding: the exact messages of every function, and that its rules are those of the JSON binding. A whole
// download is in download.test.ts.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { asn1Request, jsonOfResponse } from '../../src/device/es9plus-asn1.ts';
import type { Es9PlusFunction } from '../../src/device/es9plus-transport.ts';
import { readDer } from '../../src/rsp/der.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { errorsLogged, NO_CONTENT, placeOf, statusOf, stepsOf, SUCCESS } from './calls.ts';

const HEADERS = {
  'Content-Type': 'application/x-gsma-rsp-asn1',
  'X-Admin-Protocol': 'gsma/rsp/v2.5.0',
};

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 20 });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

interface Asn1Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Uint8Array;
  /** Upper-case hex of the body. */
  hex: string;
}

async function post(
  body: Uint8Array | undefined,
  headers: Record<string, string> = HEADERS,
  method = 'POST',
): Promise<Asn1Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Asn1Reply>();
  const sent = httpsRequest(
    new URL('/gsma/rsp2/asn1', placeOf(server).url),
    { method, headers, agent: false, rejectUnauthorized: false },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: given } = response;
        const hex = bytes.toString('hex').toUpperCase();
        resolve({ status, headers: given, body: Uint8Array.from(bytes), hex });
      });
    },
  );
  sent.on('error', reject);
  sent.end(body);
  const reply = await promise;
  assert.equal(reply.headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
  return reply;
}

/** Sends these members of the JSON binding as a message, which is answered as a function. */
async function call(name: Es9PlusFunction, members: Record<string, string>): Promise<Asn1Reply> {
  const reply = await post(asn1Request(name, members));
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['content-type'], 'application/x-gsma-rsp-asn1');
  return reply;
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const order = () => server.order({ GenerateMatchingId: 'true' });

describe('§6.6 every function', () => {
  test('is answered with the same as in JSON, call by call', async () => {
    const { sid, matching_id: matchingId } = await order();
    const steps = stepsOf(server, matchingId);
    await steps.initiate();
    const initiated = await call('initiateAuthentication', steps.sent.initiateAuthentication!);
    assert.equal(readDer(initiated.body).tag, 0xa2);
    assert.equal(initiated.hex.indexOf('BF39'), 8);
    assert.deepEqual(Object.keys(jsonOfResponse(initiated.body)), [
      'header',
      'transactionId',
      'serverSigned1',
      'serverSignature1',
      'euiccCiPKIdToBeUsed',
      'serverCertificate',
    ]);

    // A call that is repeated with the same bytes gets the same response, also in the other binding.
    const authenticated = await steps.authenticate();
    const again = await call('authenticateClient', steps.sent.authenticateClient!);
    assert.deepEqual(jsonOfResponse(again.body), authenticated.json);

    const members = steps.prepareDownload();
    const bound = jsonOfResponse((await call('getBoundProfilePackage', members)).body);
    const inJson = await steps.send('getBoundProfilePackage', members);
    assert.deepEqual(bound, inJson.json);
    assert.equal(await statusOf(server, sid), 'downloaded Downloaded');

    const result = Buffer.from(steps.load(inJson)).toString('base64');
    const notified = await post(asn1Request('handleNotification', { pendingNotification: result }));
    assert.equal(notified.status, 204);
    assert.equal(notified.headers['content-type'], undefined);
    assert.equal(notified.hex, '');
    assert.equal(await statusOf(server, sid), 'installed Installed');
  });

  test('CancelSession, with the automatic tag, or with the own tag of its type within it', async () => {
    for (const isNested of [false, true]) {
      const { sid, matching_id: matchingId } = await order();
      const steps = await stepsOf(server, matchingId).begin();
      const members = steps.cancelled('endUserRejection');
      let message = Buffer.from(asn1Request('cancelSession', members)).toString('hex');
      if (isNested) message = nested(members);
      assert.equal((await post(hex(message))).hex, 'A205BF4102A000');
      assert.equal(await statusOf(server, sid), 'failed Error');
    }
  });
});

/** A1 { BF41 { A0 … } } instead of A1 { A0 … }, by hand. */
function nested(members: Record<string, string>): string {
  const inner = Buffer.from(members['cancelSessionResponse']!, 'base64').toString('hex');
  const tlv = (tag: string, contents: string) => {
    const length = contents.length / 2;
    const size = length < 0x80 ? '' : length < 0x100 ? '81' : '82';
    return tag + size + length.toString(16).padStart(size === '82' ? 4 : 2, '0') + contents;
  };
  const transactionId = tlv('80', members['transactionId']!);
  return tlv('a2', tlv('bf41', transactionId + tlv('a1', inner)));
}

describe('§6.6 a refusal', () => {
  test('of InitiateAuthentication: another address → 1 invalidDpAddress', async () => {
    const steps = stepsOf(server, '');
    await steps.initiate();
    const members = { ...steps.sent.initiateAuthentication!, smdpAddress: 'other.example.com' };
    assert.equal((await call('initiateAuthentication', members)).hex, 'A206BF3903810101');
  });

  test('of AuthenticateClient: a wrong matching ID → 6 matchingIdRefused, an unknown session → 10', async () => {
    const steps = stepsOf(server, 'WRONG-CODE');
    await steps.initiate();
    const members = steps.authenticateServer();
    assert.equal((await call('authenticateClient', members)).hex, 'A206BF3B03810106');
    const unknown = { ...members, transactionId: 'AB' };
    assert.equal((await call('authenticateClient', unknown)).hex, 'A206BF3B0381010A');
  });

  test('of GetBoundProfilePackage: another confirmation code → 3, an unknown session → 95', async () => {
    const { matching_id: matchingId } = await server.order({
      GenerateMatchingId: 'true',
      ConfirmationCode: '4711',
    });
    const steps = await stepsOf(server, matchingId).begin();
    const members = steps.prepareDownload('0815');
    assert.equal((await call('getBoundProfilePackage', members)).hex, 'A206BF3A03810103');
    const unknown = { ...members, transactionId: 'AB' };
    assert.equal((await call('getBoundProfilePackage', unknown)).hex, 'A206BF3A0381015F');
  });

  test('of CancelSession: an unknown session → 1 invalidTransactionId', async () => {
    const reply = await post(hex('a20bbf41088001aba103810105'));
    assert.equal(reply.hex, 'A206BF4103810101');
  });

  test('§3.5 of a notification is a status: 204 if it was judged, 400 if it could not be read', async () => {
    const { matching_id: matchingId } = await order();
    const steps = stepsOf(server, matchingId);
    const result = await steps.install();
    const spoilt = Uint8Array.from(result);
    spoilt[spoilt.length - 1]! ^= 1;
    const pendingNotification = Buffer.from(spoilt).toString('base64');
    const judged = await post(asn1Request('handleNotification', { pendingNotification }));
    assert.deepEqual([judged.status, judged.hex], [204, '']);
    const unread = await post(hex('a205bf3d02a000'));
    assert.deepEqual([unread.status, unread.hex], [400, '']);
    assert.equal(unread.headers['content-length'], '0');
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
  });

  test('of a message that its function cannot read, or of another version → 127 undefinedError', async () => {
    for (const [message, answer] of [
      ['a203bf3900', 'A206BF390381017F'],
      ['a205bf3b02b000', 'A206BF3B0381017F'],
      ['a206bf3a038001ab', 'A206BF3A0381017F'],
      ['a20abf41078001aba1028105', 'A206BF410381017F'],
      ['a203bf390000', 'A206BF390381017F'],
    ] as const) {
      assert.equal((await post(hex(message))).hex, answer, message);
    }
    const steps = stepsOf(server, '');
    await steps.initiate();
    const message = asn1Request('initiateAuthentication', steps.sent.initiateAuthentication!);
    const reply = await post(message, { ...HEADERS, 'X-Admin-Protocol': 'gsma/rsp/v4.0.0' });
    assert.equal(reply.hex, 'A206BF390381017F');
    const other = await post(message, { 'Content-Type': 'text/plain' });
    assert.match(jsonOfResponse(other.body)['transactionId'] as string, /^[0-9A-F]{32}$/);
  });
});

describe('§6.6 what names no function', () => {
  const message =
    "The body must be a RemoteProfileProvisioningRequest, 'A2' { 'BF39', 'BF3A', 'BF3B', 'BF3D', 'BF41' }; got ";
  for (const [body, got] of [
    ['', 'something else'],
    ['7b7d', 'something else'],
    ['a200', 'something else'],
    ['a2', 'something else'],
    ['a280bf39000000', 'something else'],
    ['bf3900', 'something else'],
    ['a203bf4000', "'A2' { 'BF40' }"],
    ['a2023000', "'A2' { '30' }"],
  ] as const) {
    test(`${body || 'an empty body'} is answered with 400`, async () => {
      const { status, headers, body: bytes } = await post(hex(body));
      assert.equal(status, 400);
      assert.equal(headers['content-type'], 'application/json; charset=utf-8');
      assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), {
        message: message + got,
        error: 'Bad Request',
        statusCode: 400,
      });
    });
  }

  test('a body of more than 256 KiB is answered with 413, and ends the connection', async () => {
    const { status, headers } = await post(new Uint8Array(256 * 1024 + 1));
    assert.deepEqual([status, headers.connection], [413, 'close']);
  });

  test('GET is answered with 404', async () => {
    assert.equal((await post(undefined, {}, 'GET')).status, 404);
  });
});

test('§6.6 a session begun in one binding can go on in the other', async () => {
  const { sid, matching_id: matchingId } = await order();
  const steps = stepsOf(server, matchingId);
  await steps.initiate();
  const reply = await call('authenticateClient', steps.authenticateServer());
  steps.keep({ ...reply, text: '', json: jsonOfResponse(reply.body), result: SUCCESS });
  assert.equal((await steps.getPackage()).result, SUCCESS);
  assert.equal(await statusOf(server, sid), 'downloaded Downloaded');
  const { json } = await server.request(`/v1/ESimProfiles/${sid}/RspLog`);
  assert.deepEqual(
    json.rsp_log.map((entry: any) => `${entry.binding} ${entry.function}`),
    ['json getBoundProfilePackage', 'asn1 authenticateClient', 'json initiateAuthentication'],
  );
});
