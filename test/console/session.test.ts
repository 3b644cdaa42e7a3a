// Signing in to the console: how a session starts, what its cookie allows, and what ends it.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { createApiKey, rotateAuthToken } from '../../src/operator/account/account.ts';
import type { Scope } from '../../src/operator/account/scope.ts';
import {
  createConsoleTicket,
  redeemConsoleTicket,
  SESSION_LIFETIME_SECONDS,
  signIn,
  SignInRefused,
} from '../../src/operator/account/console-session.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Credentials, Reply, RequestOptions, TestServer } from '../server.ts';
import { transactAt, unitAt } from '../unit.ts';

const SESSION = '/console/session';

interface Session {
  headers: { Cookie: string };
  csrf: { 'X-CSRF-Token': string };
  json: any;
}

function post(server: TestServer, body: unknown, headers = {}): Promise<Reply> {
  return server.request(SESSION, { body, as: null, headers });
}

function sessionOf({ headers, json }: Reply): Session {
  const [cookie] = headers.getSetCookie();
  return {
    headers: { Cookie: cookie!.split(';')[0]! },
    csrf: { 'X-CSRF-Token': json.csrf_token },
    json,
  };
}

async function begin(server: TestServer, as: Credentials = server.account): Promise<Session> {
  const begun = await post(server, { account_sid: as.username, auth_token: as.password });
  assert.equal(begun.status, 201);
  return sessionOf(begun);
}

async function isSignedIn(server: TestServer, { headers }: Session): Promise<boolean> {
  const { status } = await server.request('/v1/ESimProfiles', { as: null, headers });
  assert.equal((await server.request(SESSION, { as: null, headers })).status, status);
  return status === 200;
}

function statusesOf(answers: Reply[]): number[] {
  return answers.map(({ status }) => status).toSorted((left, right) => left - right);
}

function errorBody(status: number, code: number, message: string) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

/** A browser that has signed in to the first account and then to another; it keeps its cookies. */
async function signInToTwo(server: TestServer) {
  const jar = new Map<string, string>();
  async function send(
    path: string,
    { headers = {}, ...options }: RequestOptions = {},
  ): Promise<Reply> {
    // RFC 6265 §5.4
    const sent = [...jar].filter(
      ([name]) => name !== 'simwright_others' || path.startsWith(SESSION),
    );
    const Cookie = sent.map(([, line]) => line.split(';')[0]).join('; ');
    const reply = await server.request(path, {
      ...options,
      as: null,
      headers: { Cookie, ...headers },
    });
    for (const line of reply.headers.getSetCookie()) jar.set(line.split('=')[0]!, line);
    return reply;
  }
  const signInAs = async ({ username, password }: Credentials) => {
    const credentials = { account_sid: username, auth_token: password };
    const { status, json } = await send(SESSION, { body: credentials });
    assert.equal(status, 201);
    return { credentials, json };
  };
  const { json: first } = await signInAs(server.account);
  const { json, credentials } = await signInAs(await server.addAccount(0));
  return { send, cookie: (name: string) => jar.get(name)!, first, other: { ...json, credentials } };
}

onEachDatabase('a session of the console', (database) => {
  const running = serverOn(database);

  async function addKey(scope: Scope): Promise<Credentials> {
    const { account, server } = running();
    const { store, now } = server.context;
    const { key, secret } = await store.transaction((tables) =>
      createApiKey(account.username, 'test', scope, unitAt(tables, now())),
    );
    return { username: key.sid, password: secret };
  }

  async function makeTicket(accountSid: string, now = new Date()): Promise<string> {
    const { store } = running().server.context;
    const account = await store.accounts.find(accountSid);
    const made = await store.transaction((tables) =>
      createConsoleTicket(account!, unitAt(tables, now)),
    );
    return made.ticket;
  }

  test('starts with account SID and auth token', async () => {
    const server = running();
    const { username, password } = server.account;
    const begun = await post(server, { account_sid: username, auth_token: password });
    assert.equal(begun.status, 201);
    assert.equal(begun.headers.get('cache-control'), 'no-store');
    assert.match(
      begun.headers.getSetCookie().join('\n'),
      /^simwright_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    assert.match(begun.json.csrf_token, /^[0-9a-f]{64}$/);
    const left = Date.parse(begun.json.date_expires) - Date.now();
    assert.ok(left > 43_190_000 && left <= 43_200_000);
    assert.deepEqual(begun.json, {
      account_sid: username,
      friendly_name: 'First account',
      scope: 'full',
      csrf_token: begun.json.csrf_token,
      date_expires: begun.json.date_expires,
    });
    const { headers } = sessionOf(begun);
    const again = await server.request(SESSION, { as: null, headers });
    assert.deepEqual([again.status, again.json], [200, begun.json]);
  });

  test('its cookie authenticates the account at the API, beside other cookies', async () => {
    const server = running();
    const { headers } = await begin(server);
    const Cookie = `theme=dark; ${headers.Cookie}; lang=en`;
    const list = await server.request('/v1/ESimProfiles', { as: null, headers: { Cookie } });
    assert.equal(list.status, 200);
    assert.equal(list.headers.get('cache-control'), 'private, no-cache');
    // Credentials take precedence over a cookie.
    const wrong = { username: server.account.username, password: 'wrong' };
    assert.equal((await server.request('/v1/ESimProfiles', { as: wrong, headers })).status, 401);
  });

  test('can change something only with its X-CSRF-Token', async () => {
    const server = running();
    const { headers, csrf } = await begin(server);
    const other = await begin(server);
    const order = (more: object) =>
      server.request('/v1/ESimProfiles', {
        form: { GenerateMatchingId: 'true' },
        as: null,
        headers: { ...headers, ...more },
      });
    for (const more of [{}, { 'X-CSRF-Token': 'x' }, other.csrf]) {
      const { status, json } = await order(more);
      assert.equal(status, 403);
      assert.deepEqual(
        json,
        errorBody(403, 20006, 'Access Denied: X-CSRF-Token is missing or wrong'),
      );
    }
    assert.equal((await order(csrf)).status, 201);
  });

  test('of a read-only API key may only read', async () => {
    const server = running();
    const { headers, csrf, json } = await begin(server, await addKey('read'));
    assert.deepEqual([json.account_sid, json.scope], [server.account.username, 'read']);
    assert.equal((await server.request('/v1/ESimProfiles', { as: null, headers })).status, 200);
    const order = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
      as: null,
      headers: { ...headers, ...csrf },
    });
    assert.deepEqual([order.status, order.json.detail], [403, 'This API key may only read.']);
  });

  test('of a key for stock has its scope, and cannot order', async () => {
    const server = running();
    const { headers, csrf, json } = await begin(server, await addKey('stock'));
    assert.equal(json.scope, 'stock');
    const send = (path: string, form: Record<string, string>) =>
      server.request(path, { form, as: null, headers: { ...headers, ...csrf } });
    const order = await send('/v1/ESimProfiles', { GenerateMatchingId: 'true' });
    assert.deepEqual(
      [order.status, order.json.detail],
      [403, 'This API key has the scope stock; expected orders or full.'],
    );
    assert.equal((await send('/v1/Stock', { ProfileType: 'default', Threshold: '5' })).status, 200);
  });

  test('ends at once on sign-out, without affecting others', async () => {
    const server = running();
    const session = await begin(server);
    const other = await begin(server);
    const { headers, csrf } = session;
    const end = (more: object) =>
      server.request(SESSION, { method: 'DELETE', as: null, headers: { ...headers, ...more } });
    const refused = await end(other.csrf);
    assert.deepEqual([refused.status, refused.json.code], [403, 20006]);
    assert.ok(await isSignedIn(server, session));
    const ended = await end(csrf);
    assert.deepEqual([ended.status, ended.text], [204, '']);
    assert.match(ended.headers.getSetCookie().join('\n'), /^simwright_session=; Max-Age=0; /);
    assert.equal(await isSignedIn(server, session), false);
    assert.ok(await isSignedIn(server, other));
    assert.equal((await end(csrf)).status, 401);
  });

  test('ends at once when its auth token is rotated, and its tickets with it', async () => {
    const server = running();
    const { store, masterKey } = server.server.context;
    const tenant = await server.addAccount(0);
    const session = await begin(server, tenant);
    const ticket = await makeTicket(tenant.username);
    const password = await store.transaction((tables) =>
      rotateAuthToken(tenant.username, masterKey, unitAt(tables, new Date())),
    );
    assert.equal(await isSignedIn(server, session), false);
    assert.equal((await post(server, { ticket })).status, 401);
    assert.ok(await isSignedIn(server, await begin(server, { ...tenant, password: password! })));
  });

  test('ends at once when its API key is revoked; those of the auth token continue', async () => {
    const server = running();
    const { store, now } = server.server.context;
    const key = await addKey('full');
    const session = await begin(server, key);
    const other = await begin(server);
    assert.ok(await isSignedIn(server, session));
    await store.transaction((tables) =>
      tables.accounts.revokeKey(server.account.username, key.username, now().toISOString()),
    );
    assert.equal(await isSignedIn(server, session), false);
    assert.ok(await isSignedIn(server, other));
  });

  test('ends after twelve hours, even across a restart, and is then deleted', async () => {
    const server = running();
    const { username, password } = server.account;
    const { masterKey } = server.server.context;
    const now = Date.now();
    const ids: string[] = [];
    for (const seconds of [SESSION_LIFETIME_SECONDS, SESSION_LIFETIME_SECONDS - 60]) {
      const begun = new Date(now - seconds * 1000);
      const { store } = server.server.context;
      const context = { store, masterKey, transact: transactAt(store, begun) };
      ids.push((await signIn(username, password, context)).id);
    }
    await server.restart();
    const answers = await Promise.all(
      ids.map((id) =>
        server.request(SESSION, { as: null, headers: { Cookie: `simwright_session=${id}` } }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [401, 200],
    );
    const { store } = server.server.context;
    await store.transaction((tables) =>
      tables.consoleSessions.deleteExpired(new Date(now).toISOString()),
    );
    const kept = await Promise.all(
      ids.map((id) => store.consoleSessions.find(hash('sha256', id, 'hex'), '')),
    );
    assert.deepEqual(
      kept.map((row) => row !== undefined),
      [false, true],
    );
  });

  test('starts with a ticket, which works once', async () => {
    const server = running();
    const ticket = await makeTicket(server.account.username);
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(server, { ticket })));
    assert.deepEqual(statusesOf(answers), [201, 401, 401, 401, 401]);
    const begun = answers.find(({ status }) => status === 201)!;
    assert.equal(begun.json.scope, 'full');
    assert.ok(await isSignedIn(server, sessionOf(begun)));
    const { json } = await post(server, { ticket });
    const message = 'Authentication Error - the ticket has been used or has expired';
    assert.deepEqual(json, errorBody(401, 20003, message));
  });

  test('starts with a ticket for an hour', async () => {
    const { store, masterKey } = running().server.context;
    const made = new Date();
    const [late, inTime] = [
      await makeTicket(running().account.username, made),
      await makeTicket(running().account.username, made),
    ];
    const after = (seconds: number) => ({
      masterKey,
      transact: transactAt(store, new Date(made.getTime() + seconds * 1000)),
    });
    await assert.rejects(redeemConsoleTicket(late, after(3600)), SignInRefused);
    const begun = await redeemConsoleTicket(inTime, after(3599));
    assert.equal(begun.caller.accountSid, running().account.username);
  });

  test('waits while the browser uses another account, and is used again without signing in', async () => {
    const server = running();
    const { cookie, send, first, other } = await signInToTwo(server);
    const accounts = async () => (await send('/console/session/accounts')).json.accounts;
    assert.deepEqual(await accounts(), [
      { account_sid: other.account_sid, friendly_name: 'Another', scope: 'full' },
      { account_sid: first.account_sid, friendly_name: 'First account', scope: 'full' },
    ]);
    // The API never sees a session that waits: the browser does not send it there.
    assert.match(
      cookie('simwright_others'),
      /; Path=\/console\/session; HttpOnly; SameSite=Strict$/,
    );
    assert.equal((await send('/v1/Account')).json.sid, other.account_sid);

    const back = await send(SESSION, { body: { switch_to: first.account_sid } });
    assert.deepEqual([back.status, back.json], [200, first]);
    assert.equal((await send('/v1/Account')).json.sid, first.account_sid);
    const foreign = await send(SESSION, {
      body: { switch_to: other.account_sid },
      headers: { 'Sec-Fetch-Site': 'same-site' },
    });
    assert.equal(foreign.status, 403);
    const unknown = await send(SESSION, { body: { switch_to: `AC${'0'.repeat(32)}` } });
    assert.deepEqual(
      [unknown.status, unknown.json.message],
      [401, 'Authentication Error - not signed in to it'],
    );
  });

  test('does not answer a page that still shows the other account', async () => {
    const server = running();
    const { send, first, other } = await signInToTwo(server);
    const list = (token: string) =>
      send('/v1/ESimProfiles', { headers: { 'X-CSRF-Token': token } });
    assert.equal((await list(other.csrf_token)).status, 200);
    const stale = await list(first.csrf_token);
    assert.deepEqual(
      [stale.status, stale.json.message],
      [401, 'Authentication Error - X-CSRF-Token is not of the session in use'],
    );
  });

  test('of each account ends by itself, or with all others', async () => {
    const server = running();
    const { send, first, other } = await signInToTwo(server);
    const end = (query: string, { csrf_token: token }: any) =>
      send(SESSION + query, { method: 'DELETE', headers: { 'X-CSRF-Token': token } });
    assert.equal((await end('', other)).status, 204);
    assert.equal((await send(SESSION)).status, 401);
    // Signed out of one, the browser may continue with the other.
    const left = (await send('/console/session/accounts')).json.accounts;
    assert.deepEqual(
      left.map(({ account_sid: sid }: any) => sid),
      [first.account_sid],
    );
    await send(SESSION, { body: { switch_to: first.account_sid } });
    await send(SESSION, { body: other.credentials });
    const again = (await send(SESSION)).json;
    assert.equal((await end('?All=true', again)).status, 204);
    assert.deepEqual((await send('/console/session/accounts')).json, { accounts: [] });
    assert.equal((await send(SESSION, { body: { switch_to: first.account_sid } })).status, 401);
  });

  test('of the same account takes the place of an older one of the browser, which ends', async () => {
    const server = running();
    const { send, cookie, other } = await signInToTwo(server);
    const old = cookie('simwright_session').split(';')[0]!;
    await send(SESSION, { body: other.credentials });
    assert.equal((await send('/console/session/accounts')).json.accounts.length, 2);
    const { status } = await server.request(SESSION, { as: null, headers: { Cookie: old } });
    assert.equal(status, 401);
  });

  test('is refused with the reason', async () => {
    const server = running();
    const { username, password } = server.account;
    const cases: [body: unknown, status: number, code: number, message: string][] = [
      [
        { account_sid: username, auth_token: 'wrong' },
        401,
        20003,
        'Authentication Error - invalid password',
      ],
      [
        { account_sid: `AC${'0'.repeat(32)}`, auth_token: password },
        401,
        20003,
        'Authentication Error - invalid username',
      ],
      ...[{}, [], null, 'text', { account_sid: username }, { ticket: 1 }].map(
        (body): [unknown, number, number, string] => [
          body,
          400,
          20001,
          'Expected JSON with account_sid and auth_token, or with ticket',
        ],
      ),
    ];
    for (const [body, status, code, message] of cases) {
      const answer = await post(server, body);
      assert.deepEqual(answer.json, errorBody(status, code, message));
      assert.deepEqual([answer.status, answer.headers.getSetCookie()], [status, []]);
    }
  });

  test('is refused to a page of another site', async () => {
    const server = running();
    const { username, password } = server.account;
    const body = { account_sid: username, auth_token: password };
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const { status, json } = await post(server, body, headers);
      const message = 'Access Denied: sent by a page of another site';
      assert.deepEqual([status, json], [403, errorBody(403, 20006, message)]);
    }
    for (const headers of [
      { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' },
      { 'Sec-Fetch-Site': 'none' },
    ]) {
      assert.equal((await post(server, body, headers)).status, 201);
    }
  });

  test('leaves no secrets in the database or the log', async () => {
    const server = running();
    const session = await begin(server);
    const ticket = await makeTicket(server.account.username);
    await post(server, { ticket });
    const id = session.headers.Cookie.split('=')[1]!;
    const { store } = server.server.context;
    assert.equal(await store.consoleSessions.find(id, new Date().toISOString()), undefined);
    const log = server.logged.join('');
    assert.ok(log.includes('POST /console/session'));
    for (const secret of [id, ticket, session.json.csrf_token, server.account.password]) {
      assert.ok(!log.includes(secret));
    }
  });
});

describe('without a session', () => {
  test('401; without a challenge to pages in a browser, so no dialog opens', async () => {
    await using server = await startTestServer({ stock: 0 });
    const basic = 'Basic realm="Twilio API"';
    const cases: [path: string, headers: Record<string, string>, asked: string | undefined][] = [
      ['/v1/ESimProfiles', {}, basic],
      ['/v1/ESimProfiles', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }, basic],
      [
        '/v1/ESimProfiles',
        { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' },
        undefined,
      ],
      ['/v1/ESimProfiles', { 'X-CSRF-Token': 'of a session that has ended' }, undefined],
      ['/v1/Events', { Accept: 'text/event-stream' }, undefined],
      ['/v1/Events', { Accept: '*/*' }, basic],
      [SESSION, {}, undefined],
    ];
    for (const [path, headers, asked] of cases) {
      // `fetch` sets its own Sec-Fetch-Mode.
      const [answer] = (await once(get(server.url + path, { headers }), 'response')) as [
        IncomingMessage,
      ];
      answer.resume();
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.headers['www-authenticate'], asked, JSON.stringify(headers));
    }
    const headers = { Cookie: `simwright_session=${'x'.repeat(43)}` };
    const { json } = await server.request('/v1/ESimProfiles', { as: null, headers });
    const message = 'Authentication Error - the session has ended';
    assert.deepEqual(json, errorBody(401, 20003, message));
  });
});

test('behind https the cookie is sent only over https', async () => {
  await using server = await startTestServer({ stock: 0 });
  const { url } = server;
  const { username, password } = server.account;
  server.server.context.publicUrl = 'https://esim.example.com';
  const response = await fetch(url + SESSION, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: 'https://esim.example.com' },
    body: JSON.stringify({ account_sid: username, auth_token: password }),
  });
  assert.equal(response.status, 201);
  assert.match(response.headers.getSetCookie().join(''), /; SameSite=Strict; Secure$/);
});

test('ten failures within a minute, of one address or of an IPv6 network, cause a wait; tickets and the API are not affected', async () => {
  await using server = await startTestServer({
    stock: 0,
    env: { SIMWRIGHT_TRUSTED_PROXIES: '127.0.0.1' },
  });
  const { username, password } = server.account;
  const right = { account_sid: username, auth_token: password };
  const wrong = { account_sid: username, auth_token: 'wrong' };
  // A successful one does not count.
  assert.equal((await post(server, right)).status, 201);
  /** Ten are tried, the others held; and on a slow machine those are tried whose time has come meanwhile: one in six seconds. */
  const tenAreTried = async (attempts: number, attempt: (at: number) => Promise<Reply>) => {
    const began = performance.now();
    const all = Array.from({ length: attempts }, (_, at) => attempt(at));
    const statuses = statusesOf(await Promise.all(all));
    const more = Math.floor((performance.now() - began) / 6_000);
    const tried = statuses.filter((status) => status === 401).length;
    assert.ok(tried >= 10 && tried <= 10 + more, statuses.join());
    assert.ok(statuses.slice(tried).every((status) => status === 429));
  };
  await tenAreTried(12, () => post(server, wrong));
  const held = await eventually(async () => {
    const answer = await post(server, right);
    if (answer.status === 429) return answer;
    await post(server, wrong);
    return undefined;
  });
  assert.deepEqual(
    held.json,
    errorBody(429, 20429, 'Too many failed attempts to sign in; try again later'),
  );
  const seconds = Number(held.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 6);
  const fromElsewhere = { 'X-Forwarded-For': '192.0.2.1' };
  assert.equal((await post(server, right, fromElsewhere)).status, 201);
  await tenAreTried(11, (at) => post(server, wrong, { 'X-Forwarded-For': `2001:db8::${at + 1}` }));
  const { store } = server.server.context;
  const account = await store.accounts.find(username);
  const { ticket } = await store.transaction((tables) =>
    createConsoleTicket(account!, unitAt(tables, new Date())),
  );
  assert.equal((await post(server, { ticket })).status, 201);
  assert.equal((await server.request('/v1/ESimProfiles')).status, 200);
});
