// User name and password in a CallbackUrl are secrets, shown only to the receiver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import twilio from 'twilio';
import { insertEsimProfile } from '../../src/operator/esim-profile.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { commandLine } from '../cli/command.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { ReceivedCall } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

const SECRETS = /hook-user|secret%201|secret 1|aG9vay11c2Vy/;
const BASIC = `Basic ${Buffer.from('hook-user:secret 1').toString('base64')}`;
const withCredentials = (url: string) => url.replace('//', '//hook-user:secret%201@');
const hidden = (url: string) => url.replace('//', '//***:***@');

/** Everything in the database about callbacks and their URLs. */
async function stored(store: Store, account: string): Promise<string> {
  const callbacks = await store.callbacks.list(account, { limit: 1000 });
  const attempts = await store.callbacks.attempts(account, ...callbacks.map(({ sid }) => sid));
  const first = { kind: 'first' } as const;
  const sims = await store.simPages({ account_sid: account }, first, 1000);
  const pages = await store.esimProfilePages({ account_sid: account }, first, 1000);
  const found = pages.rows.map(({ sid }) => store.esimProfiles.find(account, sid));
  return JSON.stringify([callbacks, attempts, sims.rows, await Promise.all(found)]);
}

/** Makes the database look like one of an older version. */
async function forgetThatAllIsSealed({ config: { database } }: TestServer): Promise<void> {
  const backend =
    database.kind === 'sqlite' ? openSqlite(database.file) : openPostgres(database.url);
  await backend.transaction((db) =>
    db.deleteFrom('settings').where('name', '=', 'callback_urls_sealed').execute(),
  );
  await backend.close();
}

function assertGenuine(call: ReceivedCall, server: TestServer): void {
  assert.equal(call.headers.authorization, BASIC);
  const signature = call.headers['x-twilio-signature'] as string;
  const form = call.method === 'GET' ? {} : call.parameters;
  assert.ok(twilio.validateRequest(server.account.password, signature, call.url, form));
}

onEachDatabase('credentials in a CallbackUrl', (database) => {
  const running = serverOn(database, { stock: 10 });

  for (const method of ['POST', 'GET']) {
    test(`by ${method}, of profiles and Sims, reach the receiver and nobody else`, async () => {
      const server = running();
      // Echoes the request, like receivers used for experiments.
      await using receiver = await startReceiver(({ headers }, _request, response) => {
        response.end(`${headers.authorization}, which is ${BASIC}: secret 1`);
      });
      const url = `${receiver.url}/status?a=1`;
      const form = { CallbackUrl: withCredentials(`${url}#rc=0`), CallbackMethod: method };
      const profile = await server.order({ GenerateMatchingId: 'true', ...form });
      for (const status of ['reserving', 'available']) {
        const call = await receiver.next();
        assert.deepEqual([call.method, call.parameters['Status']], [method, status]);
        assertGenuine(call, server);
      }
      const path = `/v1/ESimProfiles/${profile.sid}/Callbacks`;
      const listed = await eventually(async () => {
        const reply = await server.request(path);
        const isDone = reply.json.callbacks.every(({ state }: any) => state === 'delivered');
        return isDone ? reply : undefined;
      });
      for (const callback of listed.json.callbacks) {
        assert.equal(callback.callback_url, hidden(`${url}#rc=0`));
      }
      const sim = await server.request(`/v1/Sims/${profile.sim_sid}`, {
        form: { Status: 'active', ...form },
      });
      const call = await receiver.next();
      assert.deepEqual([call.method, call.parameters['Status']], [method, 'active']);
      assertGenuine(call, server);

      const texts = [
        sim.text,
        listed.text,
        (await server.request(listed.json.callbacks[0].url)).text,
        (await server.request(`${listed.json.callbacks[0].url}/Retry`, { method: 'POST' })).text,
        await stored(server.server.context.store, server.account.username),
        server.logged.join(''),
      ];
      for (const text of texts) assert.doesNotMatch(text, SECRETS);
    });
  }

  test('are not stored even if a receiver returns them at the edge of what is kept, or redirects to them', async () => {
    const server = running();
    await using receiver = await startReceiver((_call, _request, response) => {
      response.writeHead(302, { Location: 'http://hook-user:secret%201@x/ or secret 1' });
      response.end(`${'x'.repeat(1_995)}secret 1${'y'.repeat(10_000)}`);
    });
    const CallbackUrl = withCredentials(`${receiver.url}/status#rc=0`);
    const { sid } = await server.order({ GenerateMatchingId: 'true', CallbackUrl });
    const { json } = await eventually(async () => {
      const list = await server.request(`/v1/ESimProfiles/${sid}/Callbacks`);
      return list.json.callbacks.every(({ state }: any) => state === 'failed') ? list : undefined;
    });
    const one = await server.request(`/v1/Callbacks/${json.callbacks[0].sid}`);
    assert.equal(one.json.attempts[0].response, `${'x'.repeat(1_995)}***yy`);
    assert.doesNotMatch(server.logged.join(''), /secret( |%20)1/);
    assert.ok(server.logged.some((line) => line.includes('to http://hook-user:***@x/ or ***')));
  });

  test('are not in error messages about refused URLs', async () => {
    for (const url of ['http://hook-user:secret%201@', 'ftp://hook-user:secret%201@host/']) {
      const { status, json } = await running().request('/v1/ESimProfiles', {
        form: { GenerateMatchingId: 'true', CallbackUrl: url },
      });
      assert.equal(status, 400);
      assert.doesNotMatch(json.message, SECRETS);
      assert.match(
        json.message,
        /expected an http or https URL, or none; got '[a-z]+:\/\/\*\*\*:\*\*\*@/,
      );
    }
  });

  test('are not in error messages about invalid URLs', async () => {
    const texts = [
      'http:/hook-user:secret%201@host/',
      'http:hook-user:secret%201@host//x',
      'http:\\\\hook-user:secret%201@host',
      'hook-user:secret%201@host',
      '//hook-user:secret%201@host',
      'http://hook-user:secret%201%40host/\u00e9',
    ];
    for (const url of texts) {
      for (const CallbackUrl of [url, [url], { url }]) {
        const { status, json } = await running().request('/v1/ESimProfiles', {
          body: { GenerateMatchingId: true, CallbackUrl },
        });
        assert.equal(status, 400);
        assert.doesNotMatch(json.message, SECRETS);
        assert.match(json.message, /; got .*\*\*\*:\*\*\*@/);
      }
    }
  });

  test('stored in clear by an older version are sealed at the next start, and still sent', async () => {
    await using receiver = await startReceiver();
    const databaseUrl = await database.own();
    await using server = await startTestServer(databaseUrl === undefined ? {} : { databaseUrl });
    const { store, now } = server.server.context;
    const account = server.account.username;
    const url = withCredentials(`${receiver.url}/status`);
    const bare = `${receiver.url}/a@b`;
    const order = (callback_url: string) =>
      store.transaction((tables) =>
        insertEsimProfile(
          {
            account_sid: account,
            eid: null,
            generate_matching_id: 1,
            profile_type: null,
            confirmation_code: null,
            callback_url,
            callback_method: 'POST',
          },
          { cause: 'the test' },
          unitAt(tables, now()),
        ),
      );
    await order(url);
    await order(bare);
    server.server.context.wake('reservation');
    const inClear = [];
    for (let count = 0; count < 4; count++) inClear.push(await receiver.next());
    // Written by a node of the older version, so these were sent unsealed.
    assert.equal(inClear.filter(({ headers }) => headers.authorization === BASIC).length, 2);
    assert.match(await stored(store, account), SECRETS);
    await forgetThatAllIsSealed(server);

    await server.restart();
    const again = server.server.context.store;
    assert.doesNotMatch(await stored(again, account), SECRETS);
    const rows = await again.callbacks.list(account, { limit: 10 });
    assert.equal(rows.filter((row) => row.url === bare).length, 2);
    const { wake } = server.server.context;
    await again.transaction((tables) =>
      tables.callbacks.retry(
        account,
        now().toISOString(),
        rows.map(({ sid }) => sid),
      ),
    );
    wake('callbacks');
    const sealed = [];
    for (let count = 0; count < 4; count++) sealed.push(await receiver.next());
    assert.equal(sealed.filter(({ headers }) => headers.authorization === BASIC).length, 2);
  });
});

test('the command line never shows credentials of callbacks', async () => {
  await using server = await startTestServer();
  await using receiver = await startReceiver();
  await using simwright = await commandLine({}, server.config.data);
  const url = `${receiver.url}/status`;
  const ordered = await simwright.print(
    'profile',
    'order',
    '--matching-id',
    '--wait',
    '--callback-url',
    withCredentials(url),
  );
  assert.ok(ordered.includes(`POST ${hidden(url)}`), ordered);
  assert.equal((await receiver.next()).headers.authorization, BASIC);
  const [callback] = await simwright.json('callback', 'list');
  const sid: string = callback.sid;
  const profile: string = callback.resource_sid;
  const shown = await simwright.print('callback', 'show', sid);
  assert.ok(shown.includes(`POST ${hidden(url)}`), shown);
  const { stderr: refused } = await simwright.run(
    'profile',
    'order',
    '--matching-id',
    '--callback-url',
    withCredentials('ftp://h'),
  );
  const { stderr: refusedForSim } = await simwright.run(
    'sim',
    'update',
    'HS0',
    '--callback-url',
    'hook-user:secret%201@h',
  );
  assert.match(refusedForSim, /expected an http or https URL of .*; got '\*\*\*:\*\*\*@h'/);
  assert.match(refused, /expected an http or https URL of .*; got 'ftp:\/\/\*\*\*:\*\*\*@h'/);
  const texts = [
    ordered,
    shown,
    JSON.stringify(callback),
    await simwright.print('callback', 'list'),
    await simwright.print('profile', 'show', profile),
    refused,
    refusedForSim,
  ];
  for (const text of texts) assert.doesNotMatch(text, SECRETS);
});
