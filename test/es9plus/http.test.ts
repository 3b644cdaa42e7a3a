// The HTTP of ES9+: which requests are calls, and the exact bytes of the responses to the others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { connectRaw } from '../raw-connection.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const PATH = '/gsma/rsp2/es9plus/';
const CALL = `${PATH}initiateAuthentication`;

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

function post(path: string, body = '{}', headers = 'Content-Type: application/json\r\n'): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** @returns everything that is answered, without dates, until the connection ends as the last request asks */
async function answersTo(...requests: string[]): Promise<string> {
  using raw = await connectRaw(server.server.es9Url);
  raw.client.write(requests.join(''), 'latin1');
  return (await raw.ended).replaceAll(/^Date: .*\r\n/gm, '');
}

const LAST = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const KEPT = 'Connection: keep-alive\r\nKeep-Alive: timeout=72\r\n';
const CLOSED = 'Connection: close\r\n';

const notFound = (route: string, connection = KEPT) => {
  const body = `{"message":"Route ${route} not found","error":"Not Found","statusCode":404}`;
  return (
    'HTTP/1.1 404 Not Found\r\nx-admin-protocol: gsma/rsp/v2.5.0\r\n' +
    'content-type: application/json; charset=utf-8\r\n' +
    `content-length: ${body.length}\r\n${connection}\r\n${body}`
  );
};
const refusal = (code: string, message: string, status = '200 OK', connection = KEPT) => {
  const [subjectCode, reasonCode] = code.split(' / ');
  const statusCodeData = { subjectCode, reasonCode, message };
  const body = JSON.stringify({
    header: { functionExecutionStatus: { status: 'Failed', statusCodeData } },
  });
  return (
    `HTTP/1.1 ${status}\r\nx-admin-protocol: gsma/rsp/v2.5.0\r\n` +
    (connection === CLOSED ? 'connection: close\r\n' : '') +
    `content-type: application/json;charset=UTF-8\r\ncontent-length: ${body.length}\r\n` +
    `${connection === CLOSED ? '' : connection}\r\n${body}`
  );
};
const clientError = (status: number, error: string, message: string) => {
  const body = JSON.stringify({ error, message, statusCode: status });
  return (
    `HTTP/1.1 ${status} ${error}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
};
const lastAnswer = notFound('GET:/', CLOSED);
const JSON_EXPECTED = refusal('1.3.1 / 2.1', 'The body must be JSON');

describe('RFC 9112 §3.2 a call is named by its path', () => {
  for (const target of [
    CALL,
    `${CALL}?query`,
    `${CALL}#fragment`,
    `${PATH}%69nitiateAuthentication`,
    `https://smdp.example.com${CALL}`,
    `HTTPS://smdp.example.com${CALL}`,
  ]) {
    test(`${target} is one`, async () => {
      assert.equal(await answersTo(post(target, 'x'), LAST), JSON_EXPECTED + lastAnswer);
    });
  }

  for (const target of [
    `${CALL}/`,
    `/${CALL}`,
    '/gsma%2Frsp2/es9plus/initiateAuthentication',
    `${PATH}%zz`,
    `${PATH}toString`,
    PATH,
    '*',
  ]) {
    test(`${target} is not, whatever is sent there`, async () => {
      const answer = notFound(`POST:${target}`);
      for (const type of ['Content-Type: application/json\r\n', 'Content-Type: json\r\n', '']) {
        assert.equal(await answersTo(post(target, '{}', type), LAST), answer + lastAnswer);
      }
      const large = post(target, 'x'.repeat(300_000));
      assert.equal(await answersTo(large, LAST), answer + lastAnswer);
    });
  }

  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'TRACE']) {
    test(`${method} is not a call`, async () => {
      const request = `${method} ${CALL} HTTP/1.1\r\nHost: x\r\n\r\n`;
      assert.equal(await answersTo(request, LAST), notFound(`${method}:${CALL}`) + lastAnswer);
    });
  }

  test('RFC 9110 §9.3.2 HEAD is answered like GET, without the body', async () => {
    const answer = notFound(`HEAD:${CALL}`);
    const head = answer.slice(0, answer.indexOf('\r\n\r\n') + 4);
    const request = `HEAD ${CALL} HTTP/1.1\r\nHost: x\r\n\r\n`;
    assert.equal(await answersTo(request, LAST), head + lastAnswer);
  });
});

describe('a body', () => {
  test('in any media type is read, in chunks too', async () => {
    for (const type of ['text/plain', 'a/b;', 'a/b ;c=d', 'application/json; charset="x']) {
      const request = post(CALL, 'x', `Content-Type: ${type}\r\n`);
      assert.equal(await answersTo(request, LAST), JSON_EXPECTED + lastAnswer, type);
    }
    const chunked = `POST ${CALL} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await answersTo(`${chunked}1\r\nx\r\n0\r\n\r\n`, LAST);
    assert.equal(answer, JSON_EXPECTED + lastAnswer);
    assert.equal(await answersTo(post(CALL, '', ''), LAST), JSON_EXPECTED + lastAnswer);
  });

  test('RFC 9110 §8.3.1 without a valid media type is refused', async () => {
    for (const type of ['json', ';;;', 'a/b/c', ' ', 'a /b', '/b', 'a/', 'a/b, c/d']) {
      const request = post(CALL, '{}', `Content-Type: ${type}\r\n`);
      const answer = refusal('1.3.1 / 2.1', 'Unsupported Media Type');
      assert.equal(await answersTo(request, LAST), answer + lastAnswer, type);
    }
  });

  const tooLarge = (status?: string) =>
    refusal('1.3.1 / 2.1', 'Request body is too large', status, CLOSED);

  test('of at most 256 KiB is read; a larger one ends the connection', async () => {
    const largest = 'x'.repeat(256 * 1024);
    assert.equal(await answersTo(post(CALL, largest), LAST), JSON_EXPECTED + lastAnswer);
    assert.equal(await answersTo(post(CALL, `${largest}x`), LAST), tooLarge());
    const chunked =
      `POST ${CALL} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `40001\r\n${largest}x\r\n`;
    assert.equal(await answersTo(chunked), tooLarge());
    const byByte =
      `POST ${CALL} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `${'1\r\nx\r\n'.repeat(1_000)}0\r\n\r\n`;
    assert.equal(await answersTo(byByte, LAST), JSON_EXPECTED + lastAnswer);
  });

  test('of any announced size is refused before it arrives; §3.5 a notification with 400', async () => {
    for (const [name, status] of [
      ['initiateAuthentication', '200 OK'],
      ['handleNotification', '400 Bad Request'],
    ]) {
      const head = `POST ${PATH}${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n`;
      assert.equal(await answersTo(head), tooLarge(status));
    }
  });

  test('RFC 9110 §10.1.1 is asked for with 100 Continue; other expectations are refused with 417', async () => {
    const asked = post(CALL, 'x', 'Expect: 100-continue\r\n');
    const answer = await answersTo(asked, LAST);
    assert.equal(answer, `HTTP/1.1 100 Continue\r\n\r\n${JSON_EXPECTED}${lastAnswer}`);
    assert.match(await answersTo(post(CALL, 'x', 'Expect: more\r\n'), LAST), /^HTTP\/1\.1 417 /);
  });
});

describe('what is not HTTP', () => {
  const BAD = clientError(400, 'Bad Request', 'Client Error');

  test('is answered with 400, after the requests before it', async () => {
    assert.equal(await answersTo('EHLO example.com\r\n\r\n'), BAD);
    const whole = [post(CALL, 'x'), post('/nowhere')];
    const answers = JSON_EXPECTED + notFound('POST:/nowhere');
    assert.equal(await answersTo(...whole, 'garbage\r\n\r\n'), answers + BAD);
  });

  test('RFC 9112 §6.3 two lengths are refused', async () => {
    const headers = 'Transfer-Encoding: chunked\r\n';
    assert.equal(await answersTo(post(CALL, '0\r\n\r\n', headers)), BAD);
  });

  test('RFC 6585 §5 a head that is too long is answered with 431', async () => {
    const answer = clientError(
      431,
      'Request Header Fields Too Large',
      'Exceeded maximum allowed HTTP header size',
    );
    assert.equal(await answersTo(post(CALL, '{}', `A: ${'x'.repeat(20_000)}\r\n`)), answer);
    assert.equal(await answersTo(post(`/${'x'.repeat(20_000)}`)), answer);
  });
});

test('while the server stops, a call that has begun is answered, and its connection is not awaited', async () => {
  const stopping = await startTestServer();
  using raw = await connectRaw(stopping.server.es9Url);
  using idle = await connectRaw(stopping.server.es9Url);
  idle.client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await idle.answers(1);
  const request = post(CALL, 'xyz', 'Expect: 100-continue\r\n');
  raw.client.write(request.slice(0, -1));
  await raw.answers(1);
  const started = performance.now();
  const stopped = stopping.server[Symbol.asyncDispose]();
  await once(idle.client, 'close');
  raw.client.write(request.slice(-1));
  const answer = await raw.ended;
  await stopped;
  assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\r\nConnection: close\r\n/);
  // After 5 s it would have been cut off.
  assert.ok(performance.now() - started < 4_000);
  await stopping[Symbol.asyncDispose]();
});
