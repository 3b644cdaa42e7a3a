// `simwright account` and `simwright key`, beside a server on which they take effect at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { commandLine } from './command.ts';
import type { CommandLine } from './command.ts';

let server: TestServer;
let simwright: CommandLine;
before(async () => {
  server = await startTestServer({ stock: 0 });
  simwright = await commandLine({}, server.config.data);
});
after(() => server[Symbol.asyncDispose]());

async function statusOf(username: string, password: string, method = 'GET'): Promise<number> {
  const response = await fetch(`${server.url}/v1/ESimProfiles`, {
    method,
    headers: { Authorization: basic({ username, password }) },
    ...(method === 'POST' ? { body: new URLSearchParams({ GenerateMatchingId: 'true' }) } : {}),
  });
  return response.status;
}

/** The server may cache credentials for a second. */
async function ended(username: string, password: string): Promise<void> {
  await eventually(async () => (await statusOf(username, password)) === 401 || undefined);
}

describe('account', () => {
  test('create prints the token once; show repeats it only with --token; list never', async () => {
    const created = await simwright.json('account', 'create', '--name', 'Lab 2');
    assert.equal(created.friendly_name, 'Lab 2');
    assert.equal(await statusOf(created.sid, created.auth_token), 200);

    const list = await simwright.json('account', 'list');
    assert.deepEqual(
      new Set(list.map(({ friendly_name }: any) => friendly_name)),
      new Set(['First account', 'Lab 2']),
    );
    assert.ok(!JSON.stringify(list).includes(created.auth_token));
    const shown = await simwright.json('account', 'show', created.sid);
    assert.equal(shown.auth_token, undefined);
    const token = await simwright.json('account', 'show', created.sid, '--token');
    assert.equal(token.auth_token, created.auth_token);
  });

  test('create prints readable text', async () => {
    const text = await simwright.print('account', 'create');
    assert.match(
      text,
      /^Account SID {2}AC[0-9a-f]{32}\nName {9}Account\nAuth token {3}[0-9a-f]{32}\n$/,
    );
  });

  test('rotate-token revokes the old token', async () => {
    const { username, password } = await server.addAccount(0);
    const { auth_token: token } = await simwright.json('account', 'rotate-token', username);
    assert.notEqual(token, password);
    assert.equal(await statusOf(username, token), 200);
    await ended(username, password);
  });

  test('an unknown SID is an error, anything else a usage error', async () => {
    const sid = `AC${'0'.repeat(32)}`;
    assert.deepEqual(await simwright.run('account', 'show', sid), {
      code: 1,
      stdout: '',
      stderr: `simwright: There is no account ${sid}\n`,
    });
    const { code, stderr } = await simwright.run('account', 'rotate-token', 'AC1');
    assert.equal(code, 2);
    assert.match(stderr, /Expected AC and 32 hexadecimal digits; got 'AC1'\./);
  });
});

describe('key', () => {
  test('create, list, revoke', async () => {
    const { username: account } = await server.addAccount(0);
    const full = await simwright.json('key', 'create', '--account', account);
    const reading = await simwright.json(
      'key',
      'create',
      '--account',
      account,
      '--name',
      'dashboard',
      '--read-only',
    );
    assert.equal(await statusOf(full.sid, full.secret, 'POST'), 201);
    assert.equal(await statusOf(reading.sid, reading.secret), 200);
    assert.equal(await statusOf(reading.sid, reading.secret, 'POST'), 403);

    assert.equal(await simwright.print('key', 'revoke', full.sid), `${full.sid} is revoked\n`);
    assert.equal(
      await simwright.print('key', 'revoke', full.sid),
      `${full.sid} was already revoked\n`,
    );
    await ended(full.sid, full.secret);
    const keys = await simwright.json('key', 'list', '--account', account);
    assert.deepEqual(
      keys.map((key: any) => [key.friendly_name, key.scope, key.date_revoked !== null]),
      [
        ['API key', 'full', true],
        ['dashboard', 'read', false],
      ],
    );
    assert.ok(!JSON.stringify(keys).includes(reading.secret));

    const shop = await simwright.json('key', 'create', '--account', account, '--scope', 'orders');
    assert.equal(shop.scope, 'orders');
    assert.equal(await statusOf(shop.sid, shop.secret, 'POST'), 201);
    const another = ['key', 'create', '--account', account, '--read-only'];
    assert.match(await simwright.print(...another), /^Scope +read only$/m);
    assert.match(await simwright.print('key', 'list', '--account', account), / read only /);
  });

  test('with several accounts one must be named', async () => {
    const other = await server.addAccount(0);
    const { code, stderr } = await simwright.run('key', 'list');
    assert.equal(code, 1);
    assert.match(stderr, /^simwright: There are several accounts; choose one with --account:\n/);
    assert.ok(stderr.includes(`\n  ${other.username}  Another\n`));
  });
});
