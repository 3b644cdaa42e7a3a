// Starting and stopping the server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { fetchAccount } from '../src/api/fetchAccount.ts';
import { startServer } from '../src/server.ts';
import { StoreMismatch } from '../src/store/errors.ts';
import { basic, startTestServer } from './server.ts';

const ACCOUNT = { sid: `AC${'1'.repeat(32)}`, authToken: 'a'.repeat(32) };

describe('the first start', () => {
  test('creates an account with test stock, once', async () => {
    await using server = await startTestServer({ stock: 7 });
    const { store } = server.server.context;
    const summary = await store.stock.summary(server.account.username);
    assert.deepEqual(
      summary.map(({ state, count }) => [state, count]),
      [['Available', 7]],
    );
    await server.restart();
    assert.equal(server.server.firstAccount, undefined);
    assert.equal((await server.server.context.store.accounts.list()).length, 1);
  });

  test('creates the account of the settings, which do not change its token later', async () => {
    const env = { SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid, SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken };
    await using server = await startTestServer({ env });
    assert.deepEqual(server.account, { username: ACCOUNT.sid, password: ACCOUNT.authToken });
    await server.server[Symbol.asyncDispose]();
    const log: string[] = [];
    await using again = await startServer(
      server.config,
      { ...server.secrets, account: { ...ACCOUNT, authToken: 'b'.repeat(32) } },
      pino({}, { write: (line: string) => log.push(line) }),
    );
    assert.equal(again.firstAccount, undefined);
    assert.match(log.join(''), /SIMWRIGHT_AUTH_TOKEN is not the auth token of this account/);
    const { publicUrl } = again.context;
    const headers = { Authorization: basic(server.account) };
    assert.equal((await fetch(`${publicUrl}/v1/ESimProfiles`, { headers })).status, 200);
  });
});

test('warns if it listens for other machines without a public URL', async () => {
  await using open = await startTestServer({ env: { SIMWRIGHT_HOST: '0.0.0.0' } });
  assert.match(open.logged.join(''), /SIMWRIGHT_PUBLIC_URL is not set/);
});

test('stalled clients do not keep the server from stopping', { timeout: 30_000 }, async () => {
  const server = await startTestServer();
  const { app, es9Url } = server.server;
  const api = new URL(server.url);
  const upload =
    `POST /v1/Stock/Imports HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(server.account)}\r\n` +
    'Content-Type: text/csv\r\nContent-Length: 100\r\n\r\niccid';
  const begun = once(app.server, 'request');
  const clients: Socket[] = [];
  for (const [{ hostname, port }, bytes] of [
    [new URL(es9Url), ''],
    [new URL(es9Url), '\x16\x03\x01'],
    [api, 'GET /v1/ESimProfiles HTTP/1.1\r\nHost:'],
    [api, upload],
  ] as const) {
    const client = connect(Number(port), hostname).on('error', () => {});
    client.write(bytes);
    clients.push(client);
  }
  const cut = clients.map((client) => once(client.resume(), 'close'));
  await begun;
  await server[Symbol.asyncDispose]();
  await Promise.all(cut);
});

describe('what a server opens', () => {
  const silent = pino({ level: 'silent' });

  test('is closed again if the start fails later', async () => {
    await using server = await startTestServer({ es9: true });
    await server.server[Symbol.asyncDispose]();
    const twice = [fetchAccount, fetchAccount];
    const { config, secrets } = server;
    // By then the store is open and its lock is held.
    await assert.rejects(startServer(config, secrets, silent, twice), /already declared/);
    await using again = await startServer(config, secrets, silent);
    assert.equal(new URL(again.es9Url).port, String(config.es9Port));
  });

  test('is closed even if something else fails to close', async () => {
    await using server = await startTestServer();
    const { app } = server.server;
    const close = app.close.bind(app);
    Object.assign(app, { close: () => Promise.reject(new Error('the test')) });
    await assert.rejects(async () => server.server[Symbol.asyncDispose](), /the test/);
    await close();
    await using again = await startServer(server.config, server.secrets, silent);
    assert.equal(again.firstAccount, undefined);
  });

  test('is closed once, however often that is requested', async () => {
    const server = await startTestServer();
    await server.server[Symbol.asyncDispose]();
    await server.server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});

describe('the master key', () => {
  test('of another database is refused', async () => {
    await using server = await startTestServer();
    await server.server[Symbol.asyncDispose]();
    const other = { ...server.secrets, masterKey: '0'.repeat(64) };
    await assert.rejects(
      startServer(server.config, other, pino({ level: 'silent' })),
      StoreMismatch,
    );
  });

  test('seals tokens and keys: a stolen database reveals none', async () => {
    await using server = await startTestServer({ stock: 3 });
    const profile = await server.order({ GenerateMatchingId: 'true' });
    const { data } = server.config;
    await server.server[Symbol.asyncDispose]();
    const bytes = await readFile(join(data, 'simwright.db'), 'latin1');
    assert.ok(bytes.includes(profile.iccid));
    assert.ok(!bytes.includes(server.account.password));
    assert.doesNotMatch(bytes, /"ki"|"opc"|"puk1"/);
  });
});
