// Requests in a minute, by account, by address and on ES9+: 429, with the fields of draft-ietf-httpapi-ratelimit-headers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { LPA_HEADERS, placeOf } from '../es9plus/calls.ts';
import { startTestServer } from '../server.ts';
import type { Credentials, Reply, TestServer } from '../server.ts';

describe('rate limits', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      es9: true,
      stock: 0,
      env: {
        SIMWRIGHT_MAX_REQUESTS_PER_MINUTE: '3',
        SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE: '50',
        SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE: '2',
        SIMWRIGHT_TRUSTED_PROXIES: '127.0.0.1',
      },
    });
  });
  after(() => server[Symbol.asyncDispose]());

  const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

  /** However slow the machine is: units come back meanwhile. */
  async function untilRefused<T>(ask: () => Promise<T>, isRefused: (answer: T) => boolean) {
    const answers: T[] = [];
    while (answers.length < 100) {
      const answer = await ask();
      if (isRefused(answer)) return { answers, refused: answer };
      answers.push(answer);
    }
    throw new Error('it was never refused');
  }
  const isTooMany = ({ status }: Reply) => status === 429;

  test('429/20429 for an account beyond SIMWRIGHT_MAX_REQUESTS_PER_MINUTE, and for no other', async () => {
    const other = await server.addAccount(0);
    const ask = (as?: Credentials) =>
      server.request('/v1/ESimProfiles', { ...from('192.0.2.1'), ...(as && { as }) });
    const { answers, refused } = await untilRefused(() => ask(), isTooMany);
    assert.ok(answers.length >= 3 && answers.every(({ status }) => status === 200));
    for (const { headers } of [...answers, refused]) {
      assert.equal(headers.get('ratelimit-policy'), '"address";q=50;w=60, "account";q=3;w=60');
      assert.match(
        headers.get('ratelimit')!,
        /^"address";r=[1-4]\d;t=\d+, "account";r=[0-2];t=\d+$/,
      );
    }
    assert.equal(refused.json.code, 20429);
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 20);
    assert.equal((await ask(other)).status, 200);
  });

  test('429/20429 for an address beyond SIMWRIGHT_MAX_ADDRESS_REQUESTS_PER_MINUTE, whatever its credentials', async () => {
    const nobody = { username: `AC${'0'.repeat(32)}`, password: 'wrong' };
    let host = 0;
    const ask = (network: string) =>
      server.request('/v1/Keys', { ...from(`${network}::${++host}`), as: nobody });
    const { answers } = await untilRefused(() => ask('2001:db8:1:2'), isTooMany);
    assert.ok(answers.length >= 50 && answers.every(({ status }) => status === 401));
    assert.equal((await ask('2001:db8:1:3')).status, 401);
  });

  test('429 with Retry-After on ES9+ beyond SIMWRIGHT_MAX_ES9_CALLS_PER_MINUTE', async () => {
    const { answers, refused } = await untilRefused(
      () => callEs9(server),
      ([status]) => status === 429,
    );
    assert.ok(answers.length >= 2 && answers.every(([status]) => status === 200));
    const wait = Number(refused[1]);
    assert.ok(wait >= 1 && wait <= 30);
  });
});

/** @returns the status, and when to come again */
async function callEs9(server: TestServer): Promise<[number | undefined, string | undefined]> {
  const url = new URL('/gsma/rsp2/es9plus/initiateAuthentication', placeOf(server).url);
  const call = request(url, {
    method: 'POST',
    headers: LPA_HEADERS,
    agent: false,
    rejectUnauthorized: false,
  });
  call.end('{}');
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return [response.statusCode, response.headers['retry-after']];
}
