// RFC 9110 §7.8 Upgrade and §9.3.6 CONNECT, on both listeners.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectRaw, statusesOf } from '../raw-connection.ts';
import { basic, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

/** A request with an empty body, or with `body`. */
type Ask = (headers?: string, body?: string) => string;

interface Listener {
  name: string;
  url: () => string;
  ask: Ask;
  /** The status of its response. */
  status: number;
}

const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
const WEBSOCKET = 'Connection: keep-alive, upgrade\r\nupgrade: websocket\r\n';

const LISTENERS: Listener[] = [
  {
    name: 'the API',
    url: () => server.url,
    ask: (headers = '', body) =>
      body === undefined
        ? `GET /v1/ESimProfiles HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(server.account)}\r\n${headers}\r\n`
        : `POST /v1/ESimProfiles HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(server.account)}\r\n${headers}` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    status: 200,
  },
  {
    name: 'ES9+',
    url: () => server.server.es9Url,
    ask: (headers = '', body) =>
      body === undefined
        ? `GET /nowhere HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
        : `POST /gsma/rsp2/es9plus/initiateAuthentication HTTP/1.1\r\nHost: x\r\n${headers}` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    status: 404,
  },
];

for (const { name, url, ask, status } of LISTENERS) {
  describe(`on ${name}`, () => {
    test('RFC 9110 §7.8 an Upgrade is ignored: the request and those around it are answered, in one packet or several', async () => {
      for (const upgrade of [H2C, WEBSOCKET]) {
        const requests = [ask(), ask(upgrade), ask(), ask(upgrade), ask(upgrade), ask()];
        const whole = requests.join('');
        for (const pieces of [[whole], requests, [whole.slice(0, 300), whole.slice(300)]]) {
          using raw = await connectRaw(url());
          for (const [index, piece] of pieces.entries()) {
            raw.client.write(piece);
            if (pieces === requests) await raw.answers(index + 1);
          }
          assert.deepEqual(await raw.answers(6), Array(6).fill(status));
        }
      }
    });

    test('a client that asks for it with every request keeps its connection, without leaking memory', async () => {
      const warnings: Error[] = [];
      const warn = (warning: Error) => warnings.push(warning);
      process.on('warning', warn);
      using raw = await connectRaw(url());
      for (let count = 1; count <= 30; count++) {
        raw.client.write(ask(H2C));
        await raw.answers(count);
      }
      process.off('warning', warn);
      assert.deepEqual(statusesOf(raw.received()), Array(30).fill(status));
      assert.deepEqual(warnings, []);
    });

    test('RFC 9112 §9.6 a request with a body and an Upgrade is answered as the last of its connection', async () => {
      using raw = await connectRaw(url());
      raw.client.write(ask() + ask(WEBSOCKET, '{}') + ask());
      const text = await raw.ended;
      const statuses = statusesOf(text);
      assert.deepEqual(statuses, [status, name === 'ES9+' ? 200 : 400]);
      assert.match(text.slice(text.lastIndexOf('HTTP/1.1')), /\r\nconnection: close\r\n/i);
    });

    test('RFC 9110 §9.3.6 CONNECT is refused with 405 after the pending responses, and the connection ends', async () => {
      for (const extra of ['', 'Upgrade: x\r\nConnection: upgrade\r\n']) {
        using raw = await connectRaw(url());
        const tunnel = '\x16\x03\x01'.repeat(1_000);
        raw.client.write(
          `${ask()}${ask()}CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n${extra}\r\n`,
        );
        raw.client.write(tunnel);
        const text = await raw.ended;
        assert.deepEqual(statusesOf(text), [status, status, 405]);
        const last = text.slice(text.lastIndexOf('HTTP/1.1'));
        assert.match(last, /\r\nConnection: close\r\n/);
        assert.match(last, /\r\nAllow: .*POST/);
      }
    });

    test('a CONNECT with a body that never arrives is refused as well', async () => {
      using raw = await connectRaw(url());
      raw.client.write('CONNECT x:1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
      assert.deepEqual(statusesOf(await raw.ended), [405]);
    });
  });
}

test('the API refuses a CONNECT with its own error format', async () => {
  using raw = await connectRaw(server.url);
  raw.client.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  const text = await raw.ended;
  assert.deepEqual(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))), {
    code: 20004,
    message: 'The server does not support the attempted HTTP method CONNECT',
    more_info: 'https://www.twilio.com/docs/errors/20004',
    status: 405,
  });
});
