// What surrounds the body in every API response: headers, validators, methods, limits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { OPERATIONS } from '../../src/api/operations.ts';
import { holdNext } from '../hold.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

function errorBody(status: number, code: number, message: string) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

function connectTo({ url }: TestServer): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

/** Sends raw bytes, for requests that no HTTP client would send. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connectTo(server);
  socket.end(bytes);
  return text(socket);
}

function getBytes(path: string, { account }: TestServer): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(account)}\r\n\r\n`;
}

describe('headers', () => {
  test('every response has the documented CORS headers, ids and counters', async () => {
    const answers = [
      await server.request('/v1/ESimProfiles'),
      await server.request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } }),
      await server.request('/v1/ESimProfiles/HP0'),
      await server.request('/v1/ESimProfiles?PageSize=0'),
      await server.request('/v1/ESimProfiles', { method: 'PUT' }),
      await server.request('/v1/ESimProfiles', { as: null }),
      await server.request('/nowhere'),
    ];
    for (const { headers } of answers) {
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.equal(headers.get('access-control-allow-methods'), 'GET, POST, DELETE, OPTIONS');
      assert.match(headers.get('access-control-allow-headers')!, /Content-Type, Authorization/);
      assert.equal(headers.get('access-control-allow-credentials'), 'false');
      assert.match(headers.get('access-control-expose-headers')!, /ETag/);
      assert.match(headers.get('twilio-request-id')!, /^RQ[0-9a-f]{32}$/);
      assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    }
    assert.equal(answers[0]!.headers.get('twilio-concurrent-requests'), '1');
  });

  test('a browser may send a preflight request: OPTIONS needs no credentials', async () => {
    for (const path of ['/v1/ESimProfiles', '/v1/ESimProfiles/HP0', '/v1/Sims/HS0']) {
      const { status, headers } = await server.request(path, {
        method: 'OPTIONS',
        as: null,
        headers: { Origin: 'https://example.com', 'Access-Control-Request-Method': 'GET' },
      });
      assert.equal(status, 204);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.match(
        headers.get('access-control-allow-headers')!,
        /Authorization.*, X-Request-Id, traceparent$/,
      );
    }
  });

  test('HEAD answers as GET does, without the body', async () => {
    const get = await server.request('/v1/ESimProfiles');
    const head = await server.request('/v1/ESimProfiles', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    for (const name of ['content-type', 'content-length', 'etag']) {
      assert.equal(head.headers.get(name), get.headers.get(name), name);
    }
  });
});

describe('ETag', () => {
  test('of a page and of a profile: 304 while current, 200 once something has changed', async () => {
    const profile = await server.order({ GenerateMatchingId: 'true' });
    for (const path of ['/v1/ESimProfiles', `/v1/ESimProfiles/${profile.sid}`, '/v1/Sims']) {
      // The third time, the page comes from the cache.
      for (let time = 1; time <= 3; time++) {
        const { headers, json } = await server.request(path);
        const etag = headers.get('etag')!;
        assert.match(etag, /^W\/"[\w-]+"$/);
        assert.ok(json);
        for (const given of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
          const answer = await server.request(path, { headers: { 'If-None-Match': given } });
          assert.deepEqual(
            [answer.status, answer.text, answer.headers.get('etag')],
            [304, '', etag],
          );
        }
        const stale = await server.request(path, { headers: { 'If-None-Match': '"other"' } });
        assert.equal(stale.status, 200);
      }
    }
    const { headers } = await server.request('/v1/ESimProfiles');
    const newer = await server.order({ GenerateMatchingId: 'true' });
    const { status, json } = await server.request('/v1/ESimProfiles', {
      headers: { 'If-None-Match': headers.get('etag')! },
    });
    assert.equal(status, 200);
    assert.equal(json.esim_profiles[0].sid, newer.sid);
  });

  test('a cached page shows a write that follows at once', async () => {
    for (let round = 0; round < 5; round++) {
      for (let time = 0; time < 3; time++) await server.request('/v1/ESimProfiles?PageSize=1');
      const { json } = await server.request('/v1/ESimProfiles', {
        form: { Eid: '89049032005008882600033489aaaaaa' },
      });
      const page = await server.request('/v1/ESimProfiles?PageSize=1');
      assert.equal(page.json.esim_profiles[0].sid, json.sid);
    }
  });
});

describe('errors in the format of the API', () => {
  test('404: a route, a SID', async () => {
    for (const path of [
      '/nowhere',
      '/v1/Fleets',
      '/v1/ESimProfiles/HP0',
      '/v1/ESimProfiles/HP0/Events',
    ]) {
      const { status, json } = await server.request(`${path}?a=b`);
      assert.equal(status, 404);
      assert.deepEqual(json, errorBody(404, 20404, `The requested resource ${path} was not found`));
    }
  });

  test('405 names the supported methods', async () => {
    const { status, headers, json } = await server.request('/v1/ESimProfiles', {
      method: 'DELETE',
    });
    assert.equal(status, 405);
    assert.equal(headers.get('allow'), 'POST, GET, HEAD, OPTIONS');
    assert.deepEqual(
      json,
      errorBody(
        405,
        20004,
        'The requested resource /v1/ESimProfiles does not support the attempted HTTP method DELETE',
      ),
    );
    const post = await server.request('/v1/ESimProfiles/HP0/Events', { form: {} });
    assert.deepEqual([post.status, post.json.code], [405, 20004]);
  });

  test('405 for every other HTTP method', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'QUERY', 'PATCH', 'LOCK']) {
      for (const [path, status] of [
        ['/v1/ESimProfiles', 405],
        ['/v1/ESimProfiles/HP0/Events', 405],
        ['/v1/Sims/HS0', 405],
        ['/nowhere', 404],
      ] as const) {
        const answer = await sendRaw(
          `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        );
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), `${method} ${path}`);
        const { code } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
        assert.equal(code, status === 405 ? 20004 : 20404);
      }
    }
  });

  test('413', async () => {
    const form = { Eid: 'x'.repeat(70_000) };
    const { status, json } = await server.request('/v1/ESimProfiles', { form });
    assert.equal(status, 413);
    assert.deepEqual(
      json,
      errorBody(413, 20413, 'The request body is too large; at most 64 KiB are accepted'),
    );
  });

  test('415', async () => {
    const { status, json } = await server.request('/v1/ESimProfiles', {
      body: {},
      headers: { 'Content-Type': 'text/xml' },
    });
    assert.equal(status, 415);
    assert.equal(json.code, 20415);
  });

  test('400: a body that is declared as JSON but is not', async () => {
    const response = await fetch(`${server.url}/v1/ESimProfiles`, {
      method: 'POST',
      headers: { Authorization: basic(server.account), 'Content-Type': 'application/json' },
      body: '{"Eid":',
    });
    assert.equal(response.status, 400);
    assert.equal(JSON.parse(await response.text()).code, 20001);
  });

  test('400: an invalid path, a request that is not HTTP; 431: endless headers', async () => {
    const auth = `Authorization: ${basic(server.account)}\r\nHost: x\r\nConnection: close\r\n`;
    const cases: [string, RegExp, number][] = [
      [`GET /v1/ESimProfiles/%zz HTTP/1.1\r\n${auth}\r\n`, /^HTTP\/1\.1 400 /, 20001],
      ['NONSENSE\r\n\r\n', /^HTTP\/1\.1 400 /, 20001],
      [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${auth}\r\n`, /^HTTP\/1\.1 431 /, 20431],
    ];
    for (const [bytes, statusLine, code] of cases) {
      const answer = await sendRaw(bytes);
      assert.match(answer, statusLine);
      assert.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).code, code);
    }
  });

  test('429 with Retry-After if an account sends too many requests at once', async () => {
    await using small = await startTestServer({ env: { SIMWRIGHT_MAX_CONCURRENT_REQUESTS: '1' } });
    // While a transaction is open, orders wait.
    const held = Promise.withResolvers<void>();
    const holding = small.server.context.store.transaction(() => held.promise);
    const order = () => small.request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } });
    const waiting = order();
    const refused = [await order(), await order()];
    held.resolve();
    await holding;
    assert.equal((await waiting).status, 201);
    for (const { status, headers, json } of refused) {
      assert.equal(status, 429);
      assert.equal(headers.get('retry-after'), '1');
      assert.deepEqual(json, errorBody(429, 20429, 'Too Many Requests'));
    }
    // Finished requests are not counted.
    assert.equal((await small.request('/v1/ESimProfiles')).status, 200);
  });
});

test('a client that disconnects during authentication is not counted forever', async () => {
  await using own = await startTestServer();
  const find = holdNext(own.server.context.store.accounts, 'find');
  const connected = once(own.server.app.server, 'connection');
  const client = connectTo(own);
  client.write(getBytes('/v1/ESimProfiles', own));
  const [connection] = (await connected) as [Socket];
  await find.called;
  client.destroy();
  await once(connection, 'close');
  find.letGo();
  const { headers } = await own.request('/v1/ESimProfiles');
  assert.equal(headers.get('twilio-concurrent-requests'), '1');
});

describe('stopping', () => {
  test('answers requests that arrive on an open connection, and closes it', async () => {
    await using own = await startTestServer();
    const find = holdNext(own.server.context.store.esimProfiles, 'findResource');
    const connected = once(own.server.app.server, 'connection');
    const client = connectTo(own);
    client.write(getBytes('/v1/ESimProfiles/HP0', own));
    const [connection] = (await connected) as [Socket];
    await find.called;
    const stopped = own.server[Symbol.asyncDispose]();
    await eventually(() => (own.server.app.server.listening ? undefined : true));
    client.write(getBytes('/v1/ESimProfiles', own));
    await eventually(() => connection.bytesRead === client.bytesWritten || undefined);
    find.letGo();
    const answers = await text(client);
    assert.match(answers, /^HTTP\/1.1 404 /);
    assert.match(
      answers,
      /\r\n\r\n.*HTTP\/1.1 200 .*\r\nConnection: close\r\n.*"esim_profiles":\[/is,
    );
    await stopped;
  });
});

describe('beside the API', () => {
  test('/healthz and /readyz', async () => {
    assert.deepEqual((await server.request('/healthz', { as: null })).json, { status: 'ok' });
    assert.deepEqual((await server.request('/readyz', { as: null })).json, {
      status: 'ready',
      database: 'sqlite',
    });
  });

  test('a server that is about to stop serves, says so in /readyz, and keeps no connection', async () => {
    await using leaving = await startTestServer();
    const agent = new Agent({ keepAlive: true });
    const get = async (path: string) => {
      const asked = httpGet(new URL(path, leaving.url), { agent });
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return [answer.statusCode, answer.headers.connection, JSON.parse(await text(answer))];
    };
    assert.deepEqual((await get('/healthz')).slice(0, 2), [200, 'keep-alive']);
    const drained = leaving.server.context.draining.run(200);
    assert.deepEqual(await get('/readyz'), [
      503,
      'close',
      { status: 'stopping', database: 'sqlite', cause: 'The server stops in a moment' },
    ]);
    assert.deepEqual((await get('/healthz')).slice(0, 2), [200, 'close']);
    assert.equal((await leaving.request('/v1/ESimProfiles')).status, 200);
    const es9 = connectTls({
      port: Number(new URL(leaving.server.es9Url).port),
      rejectUnauthorized: false,
    });
    es9.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.match(await text(es9), /^HTTP\/1.1 404 Not Found\r\n[^]*\r\nConnection: close\r\n/);
    await drained;
    agent.destroy();
  });

  test('/openapi.json is OpenAPI 3.1 with every operation; /docs shows it without other hosts', async () => {
    const { json } = await server.request('/openapi.json', { as: null });
    assert.equal(json.openapi, '3.1.0');
    const operations = Object.values<any>(json.paths).flatMap((path) =>
      Object.values<any>(path).map(({ operationId }) => operationId),
    );
    assert.deepEqual(
      new Set(operations),
      new Set(OPERATIONS.map(({ operationId }) => operationId)),
    );
    const page = await fetch(`${server.url}/docs/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy')!, /^default-src 'none'/);
    const html = await page.text();
    assert.doesNotMatch(html, /https?:\/\//);
    assert.match(html, /<title>Simwright API<\/title>/);
    assert.doesNotMatch(html, /fastify|<title>Swagger/i);
    const [, icon] = /<link rel="icon" type="image\/svg\+xml" href="([^"]+)"/.exec(html)!;
    const served = await fetch(new URL(icon!, page.url));
    const ours = '../../src/console/app/public/icon.svg';
    assert.equal(await served.text(), readFileSync(join(import.meta.dirname, ours), 'utf8'));
  });
});
