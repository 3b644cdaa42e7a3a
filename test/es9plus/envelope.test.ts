// §6.5 JSON over HTTPS: rules common to all functions, and malformed calls.
import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { es9PlusFunctions } from '../../src/rsp/es9plus-functions.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { errorsLogged, placeOf, post, stepsOf, SUCCESS, toBase64 } from './calls.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 5 });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

const send = (name: string, body: unknown, headers?: Record<string, string>) =>
  post(placeOf(server), name, body, headers);

/** A request that succeeds. */
async function good(): Promise<Record<string, string>> {
  const steps = stepsOf(server, '');
  await steps.initiate();
  return steps.sent.initiateAuthentication!;
}

/** All members of a function, in valid form. */
async function membersOf(name: string): Promise<Record<string, string>> {
  if (name === 'initiateAuthentication') return good();
  return Object.fromEntries(
    MEMBERS[name]!.map((member) => [member, member === 'transactionId' ? 'AB' : 'MAA=']),
  );
}

describe('§6.5.1 HTTP', () => {
  for (const version of ['v2.0.0', 'v2.1', 'v2.2.2', 'v2.5.0', 'v2.10.11', 'v3.0.0', 'v3.1']) {
    test(`X-Admin-Protocol gsma/rsp/${version} is answered with ours`, async () => {
      const protocol = { 'X-Admin-Protocol': `gsma/rsp/${version}` };
      const { result, headers } = await send('initiateAuthentication', await good(), protocol);
      assert.equal(result, SUCCESS);
      assert.equal(headers['x-admin-protocol'], 'gsma/rsp/v2.5.0');
    });
  }

  test('without X-Admin-Protocol', async () => {
    assert.equal((await send('initiateAuthentication', await good(), {})).result, SUCCESS);
  });

  for (const protocol of [
    'gsma/rsp/v1.0.0',
    'gsma/rsp/v4.0.0',
    'gsma/rsp/v22.0.0',
    'gsma/rsp/v2',
    'gsma/rsp2/v2.2.0',
    'v2.2.0',
    'gsma/rsp/v2.2.0, gsma/rsp/v9.0.0',
    '2',
  ]) {
    test(`X-Admin-Protocol ${protocol} → 1.3.2 / 3.1`, async () => {
      const headers = { 'X-Admin-Protocol': protocol };
      const { result } = await send('initiateAuthentication', await good(), headers);
      assert.equal(result, '1.3.2 / 3.1');
    });
  }

  for (const type of [
    'application/json',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8',
    'APPLICATION/JSON',
    'text/plain',
    'application/x-gsma-rsp-asn1',
  ]) {
    test(`Content-Type ${type}: the body matters`, async () => {
      const headers = { 'Content-Type': type };
      assert.equal((await send('initiateAuthentication', await good(), headers)).result, SUCCESS);
    });
  }

  test('an invalid Content-Type → a refusal', async () => {
    for (const type of ['json', ';;;', 'a/b/c', '  ']) {
      const { result } = await send('initiateAuthentication', await good(), {
        'Content-Type': type,
      });
      assert.ok(result === SUCCESS || result === '1.3.1 / 2.1', result);
    }
  });

  test('white space in base64 and unknown members are tolerated', async () => {
    const members = await good();
    const euiccInfo1 = members['euiccInfo1']!.replaceAll(/.{16}/g, '$&\r\n ');
    const more = { ...members, euiccInfo1, header: {}, lpaRspCapability: 'AA==', list: [1, null] };
    assert.equal((await send('initiateAuthentication', more)).result, SUCCESS);
  });

  test('other methods and paths are 404, without a stack trace', async () => {
    for (const [method, path] of [
      ['GET', '/gsma/rsp2/es9plus/initiateAuthentication'],
      ['PUT', '/gsma/rsp2/es9plus/initiateAuthentication'],
      ['POST', '/gsma/rsp2/es9plus/initiateauthentication'],
      ['POST', '/gsma/rsp2/es9plus/'],
      ['POST', '/gsma/rsp2/es9plus/__proto__'],
      ['POST', '/gsma/rsp2/es9plus/%00'],
      ['POST', `/gsma/rsp2/es9plus/${'a'.repeat(5000)}`],
      ['POST', '/'],
    ] as const) {
      const { promise, resolve, reject } = Promise.withResolvers<[number, string]>();
      const call = httpsRequest(
        new URL(path, placeOf(server).url),
        { method, rejectUnauthorized: false, agent: false },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve([response.statusCode!, text]));
        },
      );
      call.on('error', reject);
      call.end(method === 'GET' ? undefined : '{}');
      const [status, text] = await promise;
      assert.equal(status, 404, path);
      assert.doesNotMatch(text, /\n\s+at |node_modules|\.ts:\d/);
    }
  });
});

const MEMBERS: Record<string, string[]> = {
  initiateAuthentication: ['euiccChallenge', 'euiccInfo1', 'smdpAddress'],
  authenticateClient: ['transactionId', 'authenticateServerResponse'],
  getBoundProfilePackage: ['transactionId', 'prepareDownloadResponse'],
  handleNotification: ['pendingNotification'],
  cancelSession: ['transactionId', 'cancelSessionResponse'],
};

for (const name of es9PlusFunctions) {
  describe(`§6.5.2 ${name}`, () => {
    for (const [title, body] of [
      ['no body', undefined],
      ['an empty body', ''],
      ['text', 'Hello'],
      ['truncated JSON', '{"transactionId":"AB'],
      ['an array', '[]'],
      ['null', 'null'],
      ['a number', '42'],
      ['a text', '"text"'],
      ['two objects', '{}{}'],
      ['invalid UTF-8', '{"a":"\ud800"'],
      ['very deep JSON', '['.repeat(100_000)],
      ['XML', '<rpc/>'],
    ] as const) {
      test(`${title} → 1.3.1 / 2.1`, async () => {
        assert.equal((await send(name, body)).result, '1.3.1 / 2.1');
      });
    }

    test('a deeply nested object is read, and the missing member is named', async () => {
      const body = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
      assert.equal((await send(name, body)).result, '1.6 / 2.2');
    });

    test('a body larger than any message → 1.3.1 / 2.1', async () => {
      const result = await send(name, { a: 'x'.repeat(300_000) });
      assert.equal(result.result, '1.3.1 / 2.1');
    });

    for (const member of MEMBERS[name]!) {
      test(`${member} missing, or null → 1.6 / 2.2`, async () => {
        const others = await membersOf(name);
        const { [member]: _, ...rest } = others;
        assert.equal((await send(name, rest)).result, '1.6 / 2.2');
        const { result, json } = await send(name, { ...others, [member]: null });
        assert.equal(result, '1.6 / 2.2');
        const { statusCodeData } = json.header.functionExecutionStatus;
        assert.equal(statusCodeData.subjectIdentifier, member);
      });

      test(`${member} of another type → 1.6 / 2.1`, async () => {
        const others = await membersOf(name);
        for (const value of [1, true, [], {}, ['MAA=']]) {
          assert.equal((await send(name, { ...others, [member]: value })).result, '1.6 / 2.1');
        }
      });

      if (member === 'transactionId' || member === 'smdpAddress') continue;
      test(`${member} that is not base64, or not DER of this message → 1.6 / 2.1`, async () => {
        const others = await membersOf(name);
        for (const value of [
          '',
          'A',
          'AAA',
          '!!!!',
          'MAA',
          'MA=A',
          'MAA====',
          'MAA_',
          'MAA=', // SEQUENCE { }
          'vziA', // indefinite length
          'vzj/////', // longer than the data
          'vzgAAA==', // trailing octets
          'AAAA',
          '\u0000\u0000\u0000\u0000',
          toBase64(new Uint8Array(60_000).fill(0x30)),
          toBase64(Uint8Array.from({ length: 64 }, (_, at) => (at % 2 === 0 ? 0x30 : 126 - at))),
        ]) {
          if (member === 'euiccChallenge' && value.length === 24) continue;
          const { result } = await send(name, { ...others, [member]: value });
          assert.equal(result, '1.6 / 2.1', value.slice(0, 20));
        }
      });
    }
  });
}

describe('§5.2.6 messages', () => {
  test('have at most 128 octets, whatever the caller has sent, without split characters', async () => {
    const smdpAddress = '€'.repeat(1000);
    const { json } = await send('initiateAuthentication', { ...(await good()), smdpAddress });
    const { message, subjectIdentifier } = json.header.functionExecutionStatus.statusCodeData;
    assert.ok(Buffer.byteLength(message) > 100);
    assert.doesNotMatch(message + subjectIdentifier, /\ufffd/);
  });
});
