// The account and its API keys, over the API.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import type { Credentials, Reply } from '../server.ts';

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function errorBody(status: number, code: number, message: string) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

onEachDatabase('over the API', (database) => {
  const running = serverOn(database, { stock: 0 });

  const create = (form: Record<string, string>, as?: Credentials): Promise<Reply> =>
    running().request('/v1/Keys', { form, method: 'POST', ...(as === undefined ? {} : { as }) });
  const revoke = (sid: string, as?: Credentials): Promise<Reply> =>
    running().request(`/v1/Keys/${sid}`, { method: 'DELETE', ...(as === undefined ? {} : { as }) });

  test('FetchAccount: the account and its server', async () => {
    const server = running();
    const { status, json } = await server.request('/v1/Account');
    const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    assert.equal(status, 200);
    assert.match(json.date_created, DATE);
    assert.deepEqual(json, {
      sid: server.account.username,
      friendly_name: 'First account',
      scope: 'full',
      smdp_plus: 'built-in',
      smdp_plus_address: 'localhost:8443',
      eim_id: null,
      eim_fqdn: null,
      version: JSON.parse(manifest).version,
      release_again: 'off',
      callback_url: null,
      callback_method: 'POST',
      euicc_callbacks: false,
      date_created: json.date_created,
      url: `${server.url}/v1/Account`,
    });
    const { json: key } = await create({ Scope: 'read' });
    const as = { username: key.sid, password: key.secret };
    assert.deepEqual((await server.request('/v1/Account', { as })).json, {
      ...json,
      scope: 'read',
    });
  });

  test('CreateKey: a key is created, shows its secret once, and signs in', async () => {
    const server = running();
    const { status, headers, json } = await create({ FriendlyName: 'dashboard', Scope: 'read' });
    assert.equal(status, 201);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(json.sid, /^SK[0-9a-f]{32}$/);
    assert.match(json.secret, /^[0-9a-f]{32}$/);
    assert.match(json.date_created, DATE);
    const { secret, ...key } = json;
    assert.deepEqual(key, {
      sid: key.sid,
      account_sid: server.account.username,
      friendly_name: 'dashboard',
      scope: 'read',
      date_created: key.date_created,
      date_revoked: null,
      url: `${server.url}/v1/Keys/${key.sid}`,
    });
    assert.deepEqual((await server.request(key.url)).json, key);
    const as = { username: key.sid, password: secret };
    assert.equal((await server.request('/v1/ESimProfiles', { as })).status, 200);
    const { json: plain } = await create({});
    assert.deepEqual([plain.friendly_name, plain.scope], ['API key', 'full']);
    for (const [Scope, scope] of [
      ['orders', 'orders'],
      ['stock', 'stock'],
      ['admin', 'full'],
    ] as const) {
      const { json: made } = await create({ Scope });
      assert.deepEqual([made.scope, (await server.request(made.url)).json.scope], [scope, scope]);
    }
  });

  test('ListKey: keys are listed newest first, in pages, without their secrets', async () => {
    const server = running();
    const as = await server.addAccount(0);
    const made: any[] = [];
    for (const FriendlyName of ['one', 'two', 'three']) {
      made.unshift((await create({ FriendlyName }, as)).json);
    }
    const first = await server.request('/v1/Keys?PageSize=2', { as });
    const second = await server.request(first.json.meta.next_page_url, { as });
    assert.deepEqual(
      [...first.json.keys, ...second.json.keys],
      made.map(({ secret: _secret, ...key }) => key),
    );
    assert.equal(first.json.meta.key, 'keys');
    assert.equal(second.json.meta.next_page_url, null);
    for (const { secret } of made) assert.ok(!`${first.text}${second.text}`.includes(secret));
  });

  test('DeleteKey, FetchKey: a key is revoked, and stays in the list; revoking it again has no effect', async () => {
    const server = running();
    const { json } = await create({});
    const as = { username: json.sid, password: json.secret };
    assert.equal((await server.request('/v1/Account', { as })).status, 200);
    const { status, text, headers } = await revoke(json.sid);
    assert.deepEqual([status, text, headers.get('content-type')], [204, '', null]);
    const { json: revoked } = await server.request(json.url);
    assert.match(revoked.date_revoked, DATE);
    assert.equal((await revoke(json.sid)).status, 204);
    assert.deepEqual((await server.request(json.url)).json, revoked);
    await eventually(async () =>
      (await server.request('/v1/Account', { as })).status === 401 ? true : undefined,
    );
  });

  test("another account's keys are not found", async () => {
    const server = running();
    const other = await server.addAccount(0);
    const { json } = await create({});
    const message = `The requested resource /v1/Keys/${json.sid} was not found`;
    for (const answer of [
      await revoke(json.sid, other),
      await server.request(json.url, { as: other }),
    ]) {
      assert.deepEqual([answer.status, answer.json], [404, errorBody(404, 20404, message)]);
    }
    assert.equal((await revoke(`SK${'0'.repeat(32)}`)).status, 404);
    assert.equal((await server.request(json.url)).json.date_revoked, null);
  });

  test('a read-only key cannot create or revoke keys', async () => {
    const { json } = await create({ Scope: 'read' });
    const as = { username: json.sid, password: json.secret };
    for (const answer of [await create({}, as), await revoke(json.sid, as)]) {
      assert.deepEqual([answer.status, answer.json.detail], [403, 'This API key may only read.']);
    }
    assert.equal((await running().request('/v1/Keys', { as })).status, 200);
  });

  test('invalid parameters are explained', async () => {
    for (const [form, message] of [
      [
        { Scope: 'all' },
        "Invalid parameter Scope: expected one of full, orders, stock, read, admin; got 'all'",
      ],
      [
        { FriendlyName: 'a\nb' },
        "Invalid parameter FriendlyName: expected printable characters; got 'a\nb'",
      ],
      [
        { FriendlyName: 'x'.repeat(65) },
        `Invalid parameter FriendlyName: expected at most 64 characters; got '${'x'.repeat(65)}'`,
      ],
    ] as const) {
      const { status, json } = await create(form);
      assert.deepEqual([status, json], [400, errorBody(400, 20001, message)]);
    }
    const body = { FriendlyName: 'a\ud800' };
    const { json } = await running().request('/v1/Keys', { method: 'POST', body });
    assert.deepEqual(
      json,
      errorBody(400, 20001, 'Invalid parameter FriendlyName: it contains half a surrogate pair'),
    );
  });

  test('an empty body declared as JSON counts as none', async () => {
    const server = running();
    const headers = { 'Content-Type': 'application/json' };
    const { json } = await create({});
    const url = `/v1/Keys/${json.sid}`;
    assert.equal((await server.request(url, { method: 'DELETE', headers })).status, 204);
    const order = await server.request('/v1/ESimProfiles', { method: 'POST', headers, body: '' });
    assert.deepEqual([order.status, order.json.code], [400, 20001]);
    const broken = await server.request('/v1/ESimProfiles', { method: 'POST', headers, body: '{' });
    assert.deepEqual([broken.status, broken.json.code], [400, 20001]);
  });

  test('DELETE is among the methods of a path', async () => {
    const server = running();
    const options = await server.request('/v1/Keys/SK0', { method: 'OPTIONS', as: null });
    assert.equal(options.status, 204);
    assert.equal(options.headers.get('allow'), 'GET, DELETE, HEAD, OPTIONS');
    assert.match(options.headers.get('access-control-allow-methods')!, /DELETE/);
    const put = await server.request('/v1/Keys/SK0', { method: 'PUT' });
    assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, DELETE, HEAD, OPTIONS']);
  });
});
