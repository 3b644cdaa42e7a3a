// The port of ES9+ with clients that are slow, silent, broken, or not TLS clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { buildEs9Plus } from '../../src/es9plus/routes.ts';
import { createTlsListener } from '../../src/https/tls-listener.ts';
import { ES9PLUS_LIMITS } from '../../src/process/listener-limits.ts';
import { Turns } from '../../src/process/turns.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import { keepBusy } from '../busy-loop.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { clientHello, openSslHello, toRecords } from './hello.ts';

let server: TestServer;
let port: number;
before(async () => {
  server = await startTestServer({ es9: true });
  port = server.config.es9Port;
});
after(() => server[Symbol.asyncDispose]());

const linesOf = (reason: string) =>
  server.logged
    .map((line) => JSON.parse(line))
    .filter((line) => line.reason === reason && line.msg.includes('TLS handshake'));

/** Sends byte by byte. */
function slowly(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      void sendBytes(chunk).then(() => done());
    },
  });
  async function sendBytes(chunk: Buffer): Promise<void> {
    for (const byte of chunk) {
      socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
  }
  socket.on('data', (chunk: Buffer) => duplex.push(chunk));
  return duplex;
}

/** @returns everything received until the server closes */
async function talk(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const answer: Buffer[] = [];
  socket.on('error', () => {}).on('data', (chunk: Buffer) => answer.push(chunk));
  const closed = once(socket, 'close');
  for (const chunk of chunks) {
    if (!socket.writable) break;
    await new Promise((resolve) => socket.write(chunk, resolve));
    await nextTurn();
  }
  await closed;
  return Buffer.concat(answer);
}

async function isServed(): Promise<boolean> {
  const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  client.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const [answer] = await once(client, 'data');
  return String(answer).startsWith('HTTP/1.1 404 ');
}

describe('a handshake', () => {
  test('with a hello sent byte by byte succeeds', async () => {
    const { pki } = server.server.context;
    const relay = connect(port, '127.0.0.1').setNoDelay(true);
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const client = connectTls({
      socket: slowly(relay),
      servername: 'localhost',
      ca: pki.cis.map(certificatePem),
    });
    client.on('error', (error) => resolve(error.message));
    client.on('data', () => resolve(client.getProtocol()));
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.equal(await promise, 'TLSv1.3');
    client.destroy();
    relay.destroy();
  });

  test('without a suitable certificate is logged with its address and OpenSSL’s reason', async () => {
    const client = connectTls({
      port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.2',
      ecdhCurve: 'secp384r1',
      rejectUnauthorized: false,
    });
    const [error] = await once(client, 'error');
    assert.equal(error.code, 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE');
    const line = await eventually(() => linesOf('no shared cipher')[0]);
    assert.deepEqual([line.address, line.level], ['127.0.0.1', 30]);
  });

  test('aborted by the client is logged; one that never began is not', async () => {
    const hello = await openSslHello({});
    connect(port, '127.0.0.1', function (this: Socket) {
      this.end(hello.subarray(0, 100));
    });
    await eventually(() => linesOf('connection closed by the client')[0]);
    const given = linesOf('connection closed by the client').length;
    const silent = connect(port, '127.0.0.1', function (this: Socket) {
      this.end();
    });
    await once(silent, 'close');
    assert.ok(await isServed());
    assert.equal(linesOf('connection closed by the client').length, given);
  });

  test('that fails in its second half is logged once, with the right reason', async () => {
    const hello = await openSslHello({ ecdhCurve: 'prime256v1' });
    const alert = Buffer.of(21, 3, 3, 0, 2, 2, 48); // unknown_ca
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).write(hello);
    await once(socket, 'data');
    // It closes at once, with unread data.
    socket.pause();
    socket.write(alert, () => socket.resetAndDestroy());
    const line = await eventually(() => linesOf('tlsv1 alert unknown ca')[0]);
    assert.equal(line.address, '127.0.0.1');
    assert.ok(await isServed());
    assert.equal(linesOf('tlsv1 alert unknown ca').length, 1);
  });
});

describe('a handshake while the loop is busy with what goes on', () => {
  let busy: () => void;
  const turns = () => server.server.context.turns;
  const waitingOnes = (are: boolean) =>
    eventually(() => (turns().waits('handshake') > 0 === are ? true : undefined));
  beforeEach(() => {
    busy = keepBusy(turns());
  });
  afterEach(() => busy());

  test('waits, and is not done for a client that leaves meanwhile', async () => {
    const reason = 'connection closed by the client';
    const known = linesOf(reason).length;
    const leaving = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    leaving.on('error', () => {});
    await waitingOnes(true);
    leaving.destroy();
    await waitingOnes(false);
    await eventually(() => linesOf(reason)[known]);

    const staying = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await waitingOnes(true);
    const begun = once(staying, 'secureConnect');
    assert.equal(staying.getCipher(), undefined);
    busy();
    await begun;
    staying.destroy();
  });

  test('keeps no more than a hello can be of what a client sends before it', async () => {
    const known = linesOf('ClientHello too long').length;
    const hello = await openSslHello({});
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(hello);
    await waitingOnes(true);
    socket.write(Buffer.alloc(40_000));
    await once(socket, 'close');
    busy();
    assert.equal(linesOf('ClientHello too long').length, known + 1);
  });

  test('is refused once another has waited for three seconds, and that one is done', async () => {
    busy();
    let now = 0;
    const own = new Turns(() => now);
    const failed: string[] = [];
    const { context } = server.server;
    const listener = createTlsListener((_request, response) => void response.end(), {
      certificates: () => context.pki.tls,
      limits: ES9PLUS_LIMITS,
      log: context.log,
      turns: own,
      onFailure: (reason) => failed.push(reason),
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const at = { port: (listener.address() as AddressInfo).port, host: '127.0.0.1' };
    const end = keepBusy(own, () => (now += 2));
    const first = connectTls({ ...at, rejectUnauthorized: false });
    await eventually(() => (own.waits('handshake') > 3_000 ? true : undefined));
    const second = connectTls({ ...at, rejectUnauthorized: false });
    const [error] = await once(second, 'error');
    assert.match(error.message, /SSL alert number 80/);
    assert.deepEqual(failed, ['too many handshakes at once']);
    const begun = once(first, 'secureConnect');
    end();
    await begun;
    first.destroy();
    listener.close();
  });
});

describe('anything but a handshake', () => {
  test('plain HTTP is answered that this port speaks HTTPS, and logged', async () => {
    const request = `POST /gsma/rsp2/es9plus/cancelSession HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}`;
    const answer = String(await talk([Buffer.from(request)]));
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
    assert.match(answer, /\r\n\r\nThis port speaks only HTTPS: the URL begins with https:\/\/\n$/);
    assert.equal(linesOf('http request').length, 1);
  });

  test('the PROXY header of a load balancer is named in the log', async () => {
    await talk([Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n')]);
    assert.equal(linesOf('PROXY protocol header').length, 1);
  });

  test('other protocols are refused with OpenSSL’s reason', async () => {
    await talk([Buffer.from('EHLO mail.example.com\r\n')]);
    await eventually(
      () => linesOf('wrong version number')[0] ?? linesOf('packet length too long')[0],
    );
  });

  test('a hello that is too long gets an alert', async () => {
    const known = linesOf('ClientHello too long').length;
    const answer = await talk([toRecords(clientHello({ padding: 40_000 }))]);
    assert.deepEqual(answer, Buffer.of(21, 3, 3, 0, 2, 2, 50));
    assert.equal(linesOf('ClientHello too long').length, known + 1);
  });

  test(
    'random and broken bytes close the connection, and nothing else',
    { timeout: 60_000 },
    async () => {
      const hello = await openSslHello({});
      const broken = fc
        .tuple(fc.nat(hello.length - 1), fc.nat(255), fc.integer({ min: 1, max: hello.length }))
        .map(([at, value, length]) => {
          const bytes = Buffer.from(hello.subarray(0, length));
          bytes[at % length] = value;
          return bytes;
        });
      const cutAnywhere = (bytes: Uint8Array) =>
        fc.nat(bytes.length).map((at) => [bytes.subarray(0, at), bytes.subarray(at)]);
      const bytes = fc.oneof(broken, fc.uint8Array({ minLength: 1, maxLength: 300 }));
      await fc.assert(
        fc.asyncProperty(bytes.chain(cutAnywhere), async (chunks) => {
          const socket = connect(port, '127.0.0.1').setNoDelay(true);
          socket.on('error', () => {}).resume();
          for (const chunk of chunks) await new Promise((resolve) => socket.write(chunk, resolve));
          // It ends its side, so the server need not wait for more.
          socket.end();
          await once(socket, 'close');
        }),
        { numRuns: 150 },
      );
      assert.ok(await isServed());
      assert.deepEqual(
        server.logged.filter((line) => JSON.parse(line).level >= 50),
        [],
      );
    },
  );
});

describe('a listener', () => {
  test('keeps a connection for several requests, as HTTPS', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number>();
    for (let call = 0; call < 3; call++) {
      const request = httpsRequest({ port, agent, rejectUnauthorized: false, path: '/' }).end();
      const [response] = await once(request, 'response');
      ports.add(request.socket!.localPort!);
      response.resume();
      await once(response, 'end');
      assert.equal(response.statusCode, 404);
    }
    assert.equal(ports.size, 1);
    agent.destroy();
  });

  test('serves new certificates as soon as they are available', async () => {
    const { context } = server.server;
    const changing = { ...context, pki: { ...context.pki, tls: context.pki.tls.slice(0, 1) } };
    const app = buildEs9Plus(changing, ES9PLUS_LIMITS);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const subject = async () => {
      const client = connectTls({
        port: (app.server.address() as AddressInfo).port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
      });
      await once(client, 'secureConnect');
      const { raw } = client.getPeerCertificate();
      client.destroy();
      return parseCertificate(Uint8Array.from(raw)).curve;
    };
    assert.equal(await subject(), 'prime256v1');
    changing.pki = { ...context.pki, tls: context.pki.tls.slice(1) };
    assert.equal(await subject(), 'brainpoolP256r1');
    await app.close();
  });
});
