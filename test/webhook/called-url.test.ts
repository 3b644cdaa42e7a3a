// Whatever the form of a callback's URL, the called URL is the signed one, as checked by the official SDK.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import twilio from 'twilio';
import { MasterKey } from '../../src/process/keys.ts';
import {
  isCallbackUrl,
  openCallbackUrl,
  sealCallbackUrl,
} from '../../src/operator/callback-url.ts';
import type { CallbackRow } from '../../src/store/schema.ts';
import { calledUrl } from '../../src/webhook/called-url.ts';
import { Lookups } from '../../src/outgoing/lookups.ts';
import { send } from '../../src/webhook/send.ts';
import { Slots } from '../../src/outgoing/slots.ts';

const TOKEN = 'token';
const SECRET = Buffer.alloc(32, 7);
const PARAMETERS: [string, string][] = [
  ['AccountSid', 'AC1'],
  ['Status', 'available'],
  ['ActivationCode', '1$localhost:8443$A-B'],
  ['ErrorMessage', 'a + b & c = ö?'],
];
const GIVEN = Object.fromEntries(PARAMETERS);
const lookups = new Lookups(new Slots());
const masterKey = new MasterKey('0'.repeat(64));

interface Call {
  method: string;
  /** The path in the request line. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
const CALLBACK_SID = 'CB1';

let calls: Call[] = [];
const servers: Server[] = [];
/** One receiver per address family. */
const ports: Record<'4' | '6', number> = { '4': 0, '6': 0 };

before(async () => {
  for (const [family, host] of [
    ['4', '127.0.0.1'],
    ['6', '::1'],
  ] as const) {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = '', url: called = '', headers } = request;
        // A server of another test may go on calling a port that was another's before.
        const isOurs = headers['i-twilio-idempotency-token'] === CALLBACK_SID;
        if (isOurs) calls.push({ method, path: called, headers, body });
        response.writeHead(204).end();
      });
    });
    server.listen(0, host);
    await once(server, 'listening');
    servers.push(server);
    ports[family] = (server.address() as AddressInfo).port;
  }
});
after(() => {
  for (const server of servers) server.close();
});

/** Delivers to a URL like the server. @returns what the receiver got */
async function deliver(url: string, method: CallbackRow['method']): Promise<Call> {
  assert.ok(isCallbackUrl(url), url);
  const callback: CallbackRow = {
    account_sid: 'AC1',
    sid: CALLBACK_SID,
    resource_sid: 'HP1',
    receiver: new URL(url).origin,
    url: sealCallbackUrl(url, 'AC1', masterKey),
    method,
    parameters: JSON.stringify(PARAMETERS),
    request_id: null,
    state: 'pending',
    attempts: 0,
    next_attempt_at: '',
    locked_until: null,
    date_created: '',
    date_settled: null,
  };
  const target = openCallbackUrl(callback.url, 'AC1', masterKey);
  calls = [];
  const outcome = await send(callback, target, {
    keys: { authToken: TOKEN, secrets: [SECRET] },
    date: new Date(),
    guard: undefined,
    lookups,
  });
  assert.deepEqual([outcome.statusCode, outcome.failure], [204, undefined], url);
  assert.equal(calls.length, 1);
  return calls[0]!;
}

/** Validates the signature like a receiver, with the URL as far as it can see it. */
function assertSigned(call: Call, url: string): void {
  const { host, 'x-twilio-signature': signature } = call.headers;
  const form = Object.fromEntries(new URLSearchParams(call.body));
  const seen = `http://${host}${call.path}`;
  assert.ok(twilio.validateRequest(TOKEN, signature as string, seen, form), `${url} as ${seen}`);
  // Standard Webhooks: the content is the body, or for GET the query.
  const {
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': standard,
  } = call.headers;
  const content = call.method === 'GET' ? call.path.split('?').slice(1).join('?') : call.body;
  const expected = createHmac('sha256', SECRET)
    .update([id, time, content].join('.'))
    .digest('base64');
  assert.deepEqual([id, standard], [CALLBACK_SID, `v1,${expected}`]);
}

const userinfo = fc.constantFrom(
  '',
  'hook@',
  'hook:secret1@',
  ':secret1@',
  'h%C3%B6k:a%3Ab%40c%2F@',
  'a:b:c@',
  '%zz:%@',
  '@',
);
const host = fc.constantFrom(
  '127.0.0.1',
  'localhost',
  'LocalHost',
  '127.1',
  '0x7f000001',
  '2130706433',
  '017700000001',
  '[::1]',
  '[0:0::1]',
);
const characters =
  'a z 0 - . _ ~ ! $ & \' ( ) * + , ; = : @ / | \\ ^ ` { } " < > [ ] %41 %2f %3F %C3%B6 %';
const piece = (extra: string[]) =>
  fc
    .array(fc.constantFrom(...characters.split(' '), ...extra), { maxLength: 8 })
    .map((all) => all.join(''));
const path = fc.oneof(
  fc.constantFrom('', '/', '/status', '/a/../b/./c', '//', '/..', '/a//b/', '/%2e%2e/a'),
  piece([]).map((rest) => `/${rest}`),
);
const query = fc.oneof(
  fc.constantFrom('', '?', '??', '?&', '?a', '?a=1', '?a=1&', '?a=1&&', '?Status=x&a=1&a=2', '?a?'),
  piece(['?', '&']).map((rest) => `?${rest}`),
);
const fragment = fc.oneof(
  fc.constantFrom('', '#', '#rc=0', '#?a=1', '#a@b:c'),
  piece(['?', '#']).map((rest) => `#${rest}`),
);
const url = fc
  .record({ scheme: fc.constantFrom('http', 'HTTP'), userinfo, host, path, query, fragment })
  .map((parts) => {
    const port = ports[parts.host.startsWith('[') ? '6' : '4'];
    const origin = `${parts.host}:${port}`;
    const rest = parts.path + parts.query;
    return {
      url: `${parts.scheme}://${parts.userinfo}${origin}${rest}${parts.fragment}`,
      /** The URL as configured at the receiver. */
      configured: `${parts.scheme}://${origin}${rest}`,
    };
  });

describe('a callback to any URL', () => {
  test('by POST is signed as called, and as configured', async () => {
    await fc.assert(
      fc.asyncProperty(url, async (given) => {
        const call = await deliver(given.url, 'POST');
        assert.equal(call.method, 'POST');
        assert.deepEqual(Object.fromEntries(new URLSearchParams(call.body)), GIVEN);
        assertSigned(call, given.url);
        const signature = call.headers['x-twilio-signature'] as string;
        assert.ok(twilio.validateRequest(TOKEN, signature, given.configured, GIVEN), given.url);
      }),
      { numRuns: 300 },
    );
  });

  test('by GET is signed as called, and its query ends with the parameters', async () => {
    await fc.assert(
      fc.asyncProperty(url, async (given) => {
        const call = await deliver(given.url, 'GET');
        assert.deepEqual([call.method, call.body], ['GET', '']);
        const called = new URL(`http://receiver${call.path}`).searchParams;
        assert.deepEqual([...called].slice(-PARAMETERS.length), PARAMETERS, call.path);
        assertSigned(call, given.url);
      }),
      { numRuns: 300 },
    );
  });

  test('calls the configured URL, even with an empty query', async () => {
    const base = `http://127.0.0.1:${ports['4']}`;
    const given = new URLSearchParams(PARAMETERS).toString();
    for (const [configured, byPost, byGet] of [
      ['', '/', `/?${given}`],
      ['/status', '/status', `/status?${given}`],
      ['/status?', '/status?', `/status?${given}`],
      ['/status?#rc=1', '/status?', `/status?${given}`],
      ['/status??', '/status??', `/status??&${given}`],
      ['/status?a=1', '/status?a=1', `/status?a=1&${given}`],
      ['/status?a=1&', '/status?a=1&', `/status?a=1&${given}`],
      ['/a/../b?c/../d', '/b?c/../d', `/b?c/../d&${given}`],
      ["/it's?it's", "/it's?it%27s", `/it's?it%27s&${given}`],
    ] as const) {
      assert.equal((await deliver(base + configured, 'POST')).path, byPost);
      assert.equal((await deliver(base + configured, 'GET')).path, byGet);
    }
  });

  test('with a default port is called and signed without it', () => {
    for (const [given, called] of [
      ['http://Example.com:80', 'http://example.com/'],
      ['https://example.com:443/a?', 'https://example.com/a?'],
      ['https://example.com:80/a', 'https://example.com:80/a'],
    ] as const) {
      assert.equal(calledUrl(new URL(given), 'POST', PARAMETERS), called);
    }
  });

  test('sends user name and password as decoded credentials, unsigned (RFC 7617; twilio-node issue 411)', async () => {
    const basic = (credentials: string | Buffer) =>
      `Basic ${Buffer.from(credentials).toString('base64')}`;
    for (const [given, expected] of [
      ['hook:secret1', basic('hook:secret1')],
      ['hook', basic('hook:')],
      [':secret1', basic(':secret1')],
      ['a:b:c', basic('a:b:c')],
      ['h%C3%B6k:a%3Ab%40c%2F%25', basic('hök:a:b@c/%')],
      ['%e4:%zz%', basic(Buffer.from('\xe4:%zz%', 'latin1'))],
      ['sealed:secret1', basic('sealed:secret1')],
    ] as const) {
      for (const method of ['POST', 'GET'] as const) {
        const call = await deliver(`http://${given}@127.0.0.1:${ports['4']}/status`, method);
        assert.equal(call.headers.authorization, expected, given);
        assert.equal(call.headers.host, `127.0.0.1:${ports['4']}`);
        assertSigned(call, given);
      }
    }
    const without = await deliver(`http://127.0.0.1:${ports['4']}/a@b`, 'POST');
    assert.equal(without.headers.authorization, undefined);
  });
});
