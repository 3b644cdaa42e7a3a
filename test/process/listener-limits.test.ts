// Hundreds of silent or slow clients: each is cut off after its time limit, on both listeners, except event streams.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildApi } from '../../src/api/routes.ts';
import { buildEs9Plus } from '../../src/es9plus/routes.ts';
import type { Listener } from '../../src/process/listener-close.ts';
import type { ListenerLimits } from '../../src/process/listener-limits.ts';
import { API_LIMITS, ES9PLUS_LIMITS } from '../../src/process/listener-limits.ts';
import { openSslHello } from '../https/hello.ts';
import { listen as listenToEvents } from '../listener.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const CLIENTS = 200;
const SHORT: ListenerLimits = {
  handshakeMs: 300,
  headersMs: 300,
  requestMs: 400,
  idleMs: 300,
  keepAliveMs: 300,
  checkEveryMs: 50,
};
const GET = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

let server: TestServer;
let listeners: Record<'api' | 'es9plus' | 'afterHandshake', Listener>;
before(async () => {
  server = await startTestServer();
  const { context } = server.server;
  listeners = {
    api: await buildApi(context, undefined, SHORT),
    es9plus: buildEs9Plus(context, SHORT),
    // Two hundred handshakes may take longer than the short limit.
    afterHandshake: buildEs9Plus(context, { ...SHORT, handshakeMs: 60_000 }),
  };
  for (const app of Object.values(listeners)) await app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  for (const app of Object.values(listeners)) await app.close();
  await server[Symbol.asyncDispose]();
});

const portOf = (app: Listener) => (app.server.address() as AddressInfo).port;

/** Connections still open on the server's side. */
function countOf(app: Listener): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  return promise;
}

/** A client that keeps its side open whatever the server does. */
async function stubborn(app: Listener): Promise<Socket> {
  const socket = connect({ port: portOf(app), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  return socket;
}

async function stubbornTls(app: Listener): Promise<Socket> {
  const socket = connectTls({ socket: await stubborn(app), rejectUnauthorized: false });
  socket.on('error', () => {}).resume();
  await once(socket, 'secureConnect');
  return socket;
}

/** Connects all at once; resolves when the server has accepted and closed all. */
async function allAreCutOff(
  app: Listener,
  open: () => Promise<Socket>,
  then: (socket: Socket) => void = () => {},
): Promise<void> {
  // By their ports: strangers may try this one, on which somebody listened before.
  const accepted = new Set<number | undefined>();
  const note = ({ remotePort }: Socket) => void accepted.add(remotePort);
  app.server.on('connection', note);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const client = await open();
      // Once it is cut off, it has none any more.
      const { localPort } = client;
      then(client);
      return { client, localPort };
    }),
  );
  await eventually(() => clients.every(({ localPort }) => accepted.has(localPort)) || undefined);
  app.server.off('connection', note);
  await eventually(async () => ((await countOf(app)) === 0 ? true : undefined));
  for (const { client } of clients) client.destroy();
}

/** Sends a byte from time to time, as long as possible. */
function drip(bytes: Uint8Array): (socket: Socket) => void {
  return (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 40);
    socket.once('close', () => clearInterval(timer));
    setTimeout(() => clearInterval(timer), 40 * bytes.length).unref();
  };
}

describe(`${CLIENTS} clients of ES9+ are cut off`, () => {
  let began: number;
  before(() => void (began = performance.now()));
  const app = () => listeners.es9plus;
  const shaken = () => listeners.afterHandshake;

  test('that are silent', () => allAreCutOff(app(), () => stubborn(app())));

  test('that send half a ClientHello', async () => {
    const hello = await openSslHello({});
    await allAreCutOff(
      app(),
      () => stubborn(app()),
      (socket) => socket.write(hello.subarray(0, 200)),
    );
  });

  test('that send it byte by byte, slowly', async () => {
    const hello = await openSslHello({});
    await allAreCutOff(app(), () => stubborn(app()), drip(hello));
  });

  test('that send all of it and nothing more', async () => {
    const hello = await openSslHello({ ecdhCurve: 'prime256v1' });
    await allAreCutOff(
      app(),
      () => stubborn(app()),
      (socket) => socket.write(hello),
    );
  });

  test('that send all of it and the rest slowly, byte by byte', async () => {
    const hello = await openSslHello({ ecdhCurve: 'prime256v1' });
    const record = Buffer.from([20, 3, 3, 0, 1, 1, 23, 3, 3, 1, 0, ...Buffer.alloc(200, 1)]);
    await allAreCutOff(
      app(),
      () => stubborn(app()),
      (socket) => {
        socket.write(hello);
        drip(record)(socket);
      },
    );
  });

  test('that are silent after the handshake', () =>
    allAreCutOff(shaken(), () => stubbornTls(shaken())));

  test('that keep the connection after a response', () =>
    allAreCutOff(
      shaken(),
      () => stubbornTls(shaken()),
      (socket) => socket.write(GET),
    ));

  test('that send half a request', () =>
    allAreCutOff(
      shaken(),
      () => stubbornTls(shaken()),
      (socket) =>
        socket.write(
          'POST /gsma/rsp2/es9plus/cancelSession HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
        ),
    ));

  test('and are counted, not logged one by one', async () => {
    await app().close();
    const rows = await server.server.context.store.tlsFailures.list('2026');
    const timedOut = rows.find(({ reason }) => reason === 'timed out');
    assert.equal(timedOut?.failures, 5 * CLIENTS);
    const lines = server.logged.filter((line) => line.includes('"timed out"'));
    // In a minute, and one for the others; on a slow machine it takes more than one.
    const minutes = Math.ceil((performance.now() - began) / 60_000);
    assert.ok(lines.length <= 11 * minutes, `${lines.length} lines in ${minutes} minutes`);
  });
});

describe(`${CLIENTS} clients of the API are cut off`, () => {
  const app = () => listeners.api;
  const sends = (text: string) => (socket: Socket) => socket.write(text);

  for (const [title, then] of [
    ['that are silent', () => {}],
    ['that send half a head', sends('GET /v1/ESimProfiles HTTP/1.1\r\nHost:')],
    ['that send it byte by byte, slowly', drip(Buffer.from(GET + GET))],
    ['that keep the connection after a response', sends(GET)],
    ['that do not send HTTP', sends('\x16\x03\x01\r\n\r\n')],
  ] as [string, (socket: Socket) => void][]) {
    test(title, () => allAreCutOff(app(), () => stubborn(app()), then));
  }

  test('that send half a body', () => {
    const head = `POST /v1/ESimProfiles HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(server.account)}\r\n`;
    const body = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"Eid"';
    return allAreCutOff(app(), () => stubborn(app()), sends(head + body));
  });

  test('but not event streams', async () => {
    const url = `http://127.0.0.1:${portOf(app())}`;
    await using listener = await listenToEvents(server, { url });
    await sleep(2 * Math.max(...Object.values(SHORT)));
    await server.order({ GenerateMatchingId: 'true' });
    await listener.until(3);
    assert.equal(await countOf(app()), 1);
  });
});

test('the default limits: no client may be silent for more than a minute, or has to hurry', () => {
  for (const { headersMs, requestMs, checkEveryMs, keepAliveMs, idleMs } of [
    API_LIMITS,
    ES9PLUS_LIMITS,
  ]) {
    assert.ok(headersMs + checkEveryMs <= 60_000);
    assert.ok(requestMs >= headersMs);
    // nginx keeps idle connections for 60 s.
    assert.ok(keepAliveMs > 60_000);
    assert.ok(idleMs >= requestMs);
  }
  assert.ok(ES9PLUS_LIMITS.handshakeMs <= 30_000);
});
