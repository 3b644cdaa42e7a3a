// Slots that an account holds and must release: of requests, of event streams, and of its single import. However a
// connection ends, they are released.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { holdNext } from '../hold.ts';
import { connectRaw } from '../raw-connection.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

const head = (line: string, headers = '') =>
  `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(server.account)}\r\n${headers}\r\n`;
const get = (path: string) => head(`GET ${path}`);
const post = (path: string, type: string, length: number, sent: string) =>
  head(`POST ${path}`, `Content-Type: ${type}\r\nContent-Length: ${length}\r\n`) + sent;

/** The number of the account's requests, or streams, as counted by the server, including this one. */
async function counted(path: string): Promise<string | null> {
  const aborted = new AbortController();
  const { headers, status } = await fetch(server.url + path, {
    headers: { Authorization: basic(server.account) },
    signal: aborted.signal,
  });
  aborted.abort();
  assert.equal(status, 200);
  return headers.get('twilio-concurrent-requests');
}

/** Throws if not everything is released within thirty seconds. */
async function allIsGivenBack(): Promise<void> {
  for (const path of ['/v1/ESimProfiles', '/v1/Events']) {
    await eventually(async () => ((await counted(path)) === '1' ? true : undefined));
  }
  await eventually(async () => {
    const { status } = await server.request('/v1/Stock/Imports?DryRun=true', { csv: 'iccid\n' });
    return status === 409 ? undefined : true;
  });
}

/** Requests sent at once, after one whose response is held back. */
const TAKEN: Record<string, () => string> = {
  'slots of requests': () => get('/v1/ESimProfiles').repeat(5),
  'slots of streams': () => get('/v1/Events').repeat(3),
  'requests behind a stream': () => get('/v1/Events') + get('/v1/ESimProfiles').repeat(5),
  'orders and the import': () =>
    post('/v1/ESimProfiles', 'application/json', 27, '{"GenerateMatchingId":true}') +
    post('/v1/Stock/Imports', 'text/csv', 6, 'iccid\n') +
    get('/v1/ESimProfiles'),
};

/** Sent after them, and what the client does then. */
const ENDS: Record<string, { sent?: () => string; act?: (client: Socket) => void }> = {
  'is closed': { act: (client) => client.destroy() },
  'is reset': { act: (client) => client.resetAndDestroy() },
  'is half closed': { act: (client) => client.end() },
  'ends in a CONNECT': { sent: () => head('CONNECT x:1') },
  'ends in a CONNECT and is reset': {
    sent: () => head('CONNECT x:1'),
    act: (client) => client.resetAndDestroy(),
  },
  'ends in an Upgrade': { sent: () => head('GET /', 'Connection: Upgrade\r\nUpgrade: x\r\n') },
  'ends in an Upgrade and is reset': {
    sent: () => head('GET /', 'Connection: Upgrade\r\nUpgrade: x\r\n'),
    act: (client) => client.resetAndDestroy(),
  },
  'ends in an Upgrade with a body that does not come': {
    sent: () =>
      head('POST /v1/Keys', 'Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 10\r\n'),
    act: (client) => client.end(),
  },
  'ends in garbage': { sent: () => '\r\n\0NONSENSE\r\n\r\n' },
  'ends in the preface of HTTP/2': { sent: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  'ends in headers without end': { sent: () => `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}` },
  'ends in an import that does not go on, and is reset': {
    sent: () => post('/v1/Stock/Imports', 'text/csv', 1_000, 'iccid\n'),
    act: (client) => client.resetAndDestroy(),
  },
};

describe('is released when the connection', () => {
  for (const [end, { sent = () => '', act = () => {} }] of Object.entries(ENDS)) {
    for (const [taken, requests] of Object.entries(TAKEN)) {
      test(`${end}: ${taken}`, async () => {
        using raw = await connectRaw(server.url);
        const held = holdNext(server.server.context.store.esimProfiles, 'findResource');
        raw.client.write(get('/v1/ESimProfiles/HP0') + requests() + sent());
        await held.called;
        act(raw.client);
        held.letGo();
        // A stream lasts as long as its connection.
        if (raw.client.writable && taken.includes('stream')) {
          await raw.answers(2);
          raw.client.destroy();
        }
        await allIsGivenBack();
      });
    }
  }
});

describe('is released while the client keeps the connection', () => {
  test('after requests that are answered one after the other', async () => {
    using raw = await connectRaw(server.url);
    raw.client.write(get('/v1/ESimProfiles').repeat(5));
    await raw.answers(5);
    await allIsGivenBack();
  });

  test('after requests behind an event stream, which are never answered', async () => {
    using raw = await connectRaw(server.url);
    raw.client.write(get('/v1/Events') + get('/v1/ESimProfiles').repeat(20));
    await raw.answers(1);
    raw.client.write(
      post('/v1/ESimProfiles', 'application/json', 27, '{"GenerateMatchingId":true}'),
    );
    await eventually(async () => ((await counted('/v1/ESimProfiles')) === '1' ? true : undefined));
    assert.deepEqual((await server.request('/v1/ESimProfiles?Eid=none')).status, 200);
    assert.deepEqual(await raw.answers(1), [200]);
  });

  test('after a request whose body did not arrive in time', async () => {
    for (const [path, type] of [
      ['/v1/ESimProfiles', 'application/json'],
      ['/v1/Stock/Imports', 'text/csv'],
    ] as const) {
      using raw = await connectRaw(server.url);
      const asked = once(server.server.app.server, 'request');
      raw.client.write(post(path, type, 100, '{'));
      const [{ socket }] = (await asked) as [{ socket: Socket }];
      // As Node does when `requestTimeout` has passed.
      const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
      server.server.app.server.emit('clientError', late, socket);
      assert.match(await raw.ended, /^HTTP\/1\.1 400 /);
      await allIsGivenBack();
    }
  });

  test('after responses that the client does not read', async (context) => {
    // Socket timeouts run 200 times as fast; the checks are triggered by hand.
    const setTimeout = Reflect.get(Socket.prototype, 'setTimeout');
    context.mock.method(Socket.prototype, 'setTimeout', function (this: Socket, ms: number) {
      return Reflect.apply(setTimeout, this, [ms / 200]);
    });
    context.mock.timers.enable({ apis: ['setInterval'] });
    await using own = await startTestServer({ stock: 0 });
    await insertProfiles(own, 1_000);
    using raw = await connectRaw(own.url);
    raw.client.pause();
    const request = `GET /v1/ESimProfiles?PageSize=1000 HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(own.account)}\r\n\r\n`;
    // More than the network buffers for a client that does not read.
    raw.client.write(request.repeat(60));
    // On a slow machine the fast timeouts may end this request, too.
    const slots = async () => {
      const reply = await own.request('/v1/Account').catch(() => undefined);
      return reply && Number(reply.headers.get('twilio-concurrent-requests'));
    };
    await eventually(async () => ((await slots()) ?? 0) > 1 || undefined);
    await eventually(async () => {
      context.mock.timers.tick(10_000);
      return (await slots()) === 1 || undefined;
    });
  });
});

/** Orders for the list, with long JSON. */
function insertProfiles(
  { server: { context }, account }: TestServer,
  count: number,
): Promise<unknown> {
  const fields = {
    account_sid: account.username,
    eid: null,
    generate_matching_id: 1 as const,
    profile_type: null,
    confirmation_code: null,
    callback_url: null,
    callback_method: 'POST' as const,
  };
  return context.store.transaction((tables) =>
    Promise.all(
      Array.from({ length: count }, () =>
        insertEsimProfile(fields, { cause: 'the test' }, unitAt(tables, new Date())),
      ),
    ),
  );
}
