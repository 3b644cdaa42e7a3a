// A revoked key, a rotated token, an ended session: once that is confirmed, no node changes anything on their behalf.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import { openData } from '../../src/data.ts';
import { createApiKey, revokeApiKey, rotateAuthToken } from '../../src/operator/account/account.ts';
import { signIn } from '../../src/operator/account/console-session.ts';
import { startServer } from '../../src/server.ts';
import { writeSessionCookie } from '../../src/session-cookie.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { connectRaw, statusesOf } from '../raw-connection.ts';
import { basic } from '../server.ts';
import type { Credentials, RequestOptions } from '../server.ts';
import { unitAt } from '../unit.ts';

const SID = '0'.repeat(32);
const WRITES: [path: string, options: RequestOptions][] = [
  ['/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } }],
  [
    '/v1/ESimProfiles',
    { form: { GenerateMatchingId: 'true' }, headers: { 'Idempotency-Key': 'order-1' } },
  ],
  [`/v1/Sims/HS${SID}`, { form: { UniqueName: 'name' } }],
  [`/v1/Callbacks/CB${SID}/Retry`, { method: 'POST' }],
  ['/v1/Stock/Imports', { csv: 'iccid\n' }],
  ['/v1/Keys', { form: {} }],
  [`/v1/Keys/SK${SID}`, { method: 'DELETE' }],
];

onEachDatabase('revocation', (database) => {
  const shared = serverOn(database);

  async function addKey(): Promise<Credentials> {
    const { store, now } = shared().server.context;
    const { key, secret } = await store.transaction((tables) =>
      createApiKey(shared().account.username, 'test', 'full', unitAt(tables, now())),
    );
    return { username: key.sid, password: secret };
  }

  /** Leaves the credentials in the cache, as after a request. */
  async function remember(as: Credentials, url = shared().url): Promise<void> {
    const { status } = await fetch(`${url}/v1/Account`, { headers: { Authorization: basic(as) } });
    assert.equal(status, 200);
  }

  async function assertRefused(as: Credentials): Promise<void> {
    for (const [path, options] of WRITES) {
      const { status, json } = await shared().request(path, { ...options, as });
      assert.deepEqual([status, json.code], [401, 20003], path);
    }
  }

  async function countProfiles(): Promise<number> {
    const { json } = await shared().request('/v1/ESimProfiles?PageSize=1000');
    return json.esim_profiles.length;
  }

  test('of a key through the API affects every write after its response', async () => {
    const count = await countProfiles();
    const key = await addKey();
    await remember(key);
    const { status } = await shared().request(`/v1/Keys/${key.username}`, { method: 'DELETE' });
    assert.equal(status, 204);
    await assertRefused(key);
    assert.equal(await countProfiles(), count);
  });

  test('by a command in another process too: of a key, and of a token', async () => {
    const { config, secrets } = shared();
    const { store, masterKey } = await openData(config, secrets);
    const key = await addKey();
    const other = await shared().addAccount(0);
    await remember(key);
    await remember(other);
    await store.transaction(async (tables) => {
      await revokeApiKey(shared().account.username, key.username, unitAt(tables, new Date()));
      await rotateAuthToken(other.username, masterKey, unitAt(tables, new Date()));
    });
    await assertRefused(key);
    await assertRefused(other);
    await store.close();
  });

  test('through one node affects the others', async (context) => {
    if (database.name === 'SQLite') return context.skip('SQLite has one node');
    const { config, secrets } = shared();
    await using node = await startServer(config, secrets, pino({ level: 'silent' }));
    for (let round = 0; round < 5; round++) {
      const key = await addKey();
      await remember(key);
      const revoked = await fetch(`${node.context.publicUrl}/v1/Keys/${key.username}`, {
        method: 'DELETE',
        headers: { Authorization: basic(shared().account) },
      });
      assert.equal(revoked.status, 204);
      await assertRefused(key);
    }
    return undefined;
  });

  test('affects a request whose body arrives after it', async () => {
    const count = await countProfiles();
    for (const [head, body] of [
      ['POST /v1/ESimProfiles HTTP/1.1\r\nContent-Type: application/json', '{"Eid":"x"}'],
      [
        'POST /v1/ESimProfiles HTTP/1.1\r\nContent-Type: application/json',
        '{"GenerateMatchingId":true}',
      ],
      ['POST /v1/Stock/Imports HTTP/1.1\r\nContent-Type: text/csv', 'iccid\n'],
    ] as const) {
      const key = await addKey();
      using raw = await connectRaw(shared().url);
      const asked = once(shared().server.app.server, 'request');
      raw.client.write(
        `${head}\r\nHost: x\r\nAuthorization: ${basic(key)}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 1)}`,
      );
      await asked;
      await remember(key);
      await shared().request(`/v1/Keys/${key.username}`, { method: 'DELETE' });
      raw.client.write(body.slice(1));
      await raw.answers(1);
      assert.deepEqual(statusesOf(raw.received()), [401]);
    }
    assert.equal(await countProfiles(), count);
  });

  test('ends browser sessions too', async () => {
    const key = await addKey();
    const session = await signIn(key.username, key.password, shared().server.context);
    const browser: RequestOptions = {
      as: null,
      headers: {
        Cookie: writeSessionCookie(session.id, 60, false).split(';', 1)[0]!,
        'X-CSRF-Token': session.csrfToken,
      },
    };
    assert.equal((await shared().request('/v1/Account', browser)).status, 200);
    await shared().request(`/v1/Keys/${key.username}`, { method: 'DELETE' });
    const { status } = await shared().request('/v1/Keys', { form: {}, ...browser });
    assert.equal(status, 401);
  });
});
