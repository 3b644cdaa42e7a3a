// Callbacks restricted to public addresses, and what an account learns about failures.
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, mock, test } from 'node:test';
import { checkServerIdentity } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import type { CallbackRow } from '../../src/store/schema.ts';
import { describeFailure } from '../../src/outgoing/failure.ts';
import { Lookups } from '../../src/outgoing/lookups.ts';
import type { Outcome } from '../../src/webhook/send.ts';
import { send } from '../../src/webhook/send.ts';
import { Slots } from '../../src/outgoing/slots.ts';
import type { Guard } from '../../src/outgoing/target.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';

const lookups = new Lookups(new Slots());
const NO_PUBLIC_ADDRESS = 'the host has no public address';

function sendTo(text: string, guard?: Guard): Promise<Outcome> {
  const url = new URL(text);
  const callback = { sid: 'CB1', method: 'POST', parameters: '[]' } as unknown as CallbackRow;
  return send(
    callback,
    { url, authorization: undefined },
    { keys: { authToken: 'token', secrets: [] }, date: new Date(), guard, lookups },
  );
}

/** Resolves names to each of these in turn, repeating the last one. */
function resolveTo(context: { after: (work: () => void) => void }, ...answers: string[]) {
  const asked = mock.method(dns, 'lookup', (_name: string, _options: unknown, done: unknown) => {
    const address = answers[Math.min(asked.mock.callCount(), answers.length - 1)]!;
    (done as (error: null, found: dns.LookupAddress[]) => void)(null, [{ address, family: 4 }]);
  });
  context.after(() => asked.mock.restore());
  return asked.mock;
}

describe('a name', () => {
  test('that changes between check and connection: the checked address is used', async (context) => {
    await using receiver = await startReceiver();
    const { port, pathname } = new URL(receiver.url);
    // The receiver listens only on 127.0.0.1, which the guard refuses.
    const asked = resolveTo(context, '127.0.0.2', '127.0.0.1');
    const guard = (address: string) => address === '127.0.0.2';
    const outcome = await sendTo(`http://rebinding.example:${port}${pathname}`, guard);
    assert.deepEqual(
      [outcome.failure, outcome.error, asked.callCount()],
      ['connect', 'the connection was refused', 1],
    );
    assert.equal(receiver.calls.length, 0);
  });

  test('that resolves to a refused address gets no connection', async (context) => {
    let connections = 0;
    const listener = createServer(() => connections++).listen(0, '127.0.0.1');
    context.after(() => listener.close());
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    resolveTo(context, '127.0.0.1');
    const outcome = await sendTo(
      `http://internal.example:${port}/#sni=public.example`,
      () => false,
    );
    assert.deepEqual([outcome.failure, outcome.error], ['connect', NO_PUBLIC_ADDRESS]);
    assert.equal(connections, 0);
  });

  for (const scheme of ['http', 'https']) {
    test(`whose connection by ${scheme} reached a refused address is sent nothing`, async (context) => {
      let bytes = 0;
      const closed = Promise.withResolvers<void>();
      const listener = createServer((socket) => {
        socket.on('data', (data) => (bytes += data.length)).on('close', () => closed.resolve());
        socket.on('error', () => {});
      }).listen(0, '127.0.0.1');
      context.after(() => listener.close());
      await once(listener, 'listening');
      const { port } = listener.address() as AddressInfo;
      resolveTo(context, '127.0.0.1');
      // It changes its answer, like a network that routes elsewhere.
      let asked = 0;
      const outcome = await sendTo(`${scheme}://moved.example:${port}/`, () => asked++ === 0);
      assert.deepEqual([outcome.failure, outcome.error], ['connect', NO_PUBLIC_ADDRESS]);
      await closed.promise;
      assert.deepEqual([asked, bytes], [2, 0]);
    });
  }
});

onEachDatabase('callbacks restricted to public addresses', (database) => {
  const server = serverOn(database, { env: { SIMWRIGHT_CALLBACK_PRIVATE_NETWORKS: 'off' } });

  test('go to no other, however written, and reveal nothing about them', async () => {
    await using receiver = await startReceiver();
    const { port, pathname } = new URL(receiver.url);
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const closed = (silent.address() as AddressInfo).port;
    silent.close();
    const urls = [
      '127.0.0.1',
      'localhost',
      'LOCALHOST.',
      '127.1',
      '0177.0.0.1',
      '0x7f.0.0.1',
      '0x7f000001',
      '017700000001',
      '2130706433',
      '127.0.0.1.',
      '%31%32%37.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '0.0.0.0',
      '[::]',
    ].map((host) => `http://${host}:${port}${pathname}#rc=0`);
    urls.push(
      `http://127.0.0.1:${closed}/#rc=0`,
      `https://127.0.0.1:${port}${pathname}#rc=0&sni=example.com`,
      `http://user:password@127.0.0.1:${port}${pathname}#rc=0&ct=10000&tt=15000`,
      // A name that does not exist must not be distinguishable either.
      `http://no-such-name.invalid:${port}${pathname}#rc=0`,
    );
    const { store } = server().server.context;
    const account = server().account.username;
    for (const url of urls) {
      const { sid } = await server().order({ GenerateMatchingId: 'true', CallbackUrl: url });
      const callbacks = await eventually(async () => {
        const found = await store.callbacks.list(account, { subject: sid, limit: 9 });
        return found.every(({ state }) => state === 'failed') ? found : undefined;
      });
      for (const callback of callbacks) {
        const [attempt] = await store.callbacks.attempts(account, callback.sid);
        const { error, status_code: status, response } = attempt!;
        assert.deepEqual([error, status, response], [NO_PUBLIC_ADDRESS, null, null], url);
      }
    }
    assert.equal(receiver.calls.length, 0);
  });
});

describe('an account is told, in fixed texts,', () => {
  const told = async (url: string) => (await sendTo(url)).error;

  test('why there was no response; the log has more', async () => {
    const listener = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('SSH-2.0-internal\r\n');
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    assert.equal(await told(`http://127.0.0.1:${port}/`), 'the response is not HTTP');
    assert.equal(await told(`https://127.0.0.1:${port}/`), 'the TLS handshake failed');
    await new Promise((resolve) => listener.close(resolve));
    const refused = await sendTo(`http://127.0.0.1:${port}/`);
    assert.equal(refused.error, 'the connection was refused');
    assert.equal(refused.detail, `connect ECONNREFUSED 127.0.0.1:${port}`);
    const unknown = await sendTo('http://no-such-name.invalid/');
    assert.equal(unknown.error, 'the host name cannot be resolved');
    assert.match(unknown.detail!, /no-such-name\.invalid/);
  });

  test('that a certificate is not trusted, or is for another host, without its names', async () => {
    await using server = await startTestServer();
    const port = new URL(server.server.es9Url).port;
    assert.equal(await told(`https://localhost:${port}/`), 'the certificate is not trusted');
    const certificate = { subject: { CN: 'internal' }, subjectaltname: 'DNS:internal.example' };
    const error = checkServerIdentity('example.com', certificate as PeerCertificate)!;
    assert.match(error.message, /internal\.example/);
    assert.equal(describeFailure(error, false), 'the certificate is for another host');
  });

  test('nothing about unexpected failures', () => {
    const error = Object.assign(new Error('internal.example is on fire'), { code: 'EFIRE' });
    assert.equal(describeFailure(error, false), 'the attempt failed');
    assert.equal(describeFailure(new Error('internal.example'), true), 'the attempt failed');
  });
});
