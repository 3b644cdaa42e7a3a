// Who may call the API, and what they may see.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATIONS } from '../../src/api/operations.ts';
import { createApiKey, rotateAuthToken } from '../../src/operator/account/account.ts';
import type { Scope } from '../../src/operator/account/scope.ts';
import { startTestServer } from '../server.ts';
import type { Credentials, TestServer } from '../server.ts';
import { unitAt } from '../unit.ts';

/** How long the server caches the caller of a header. */
const REMEMBERED_MS = 1_100;

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

async function addKey(scope: Scope): Promise<Credentials> {
  const { store, now } = server.server.context;
  const { key, secret } = await store.transaction((tables) =>
    createApiKey(server.account.username, 'test', scope, unitAt(tables, now())),
  );
  return { username: key.sid, password: secret };
}

/** A body that is refused, but only once its sender is known to be allowed. */
const UNSUPPORTED = { body: 'none', headers: { 'Content-Type': 'application/x-none' } };

describe('Basic authentication', () => {
  const detail = 'Your AccountSid or AuthToken was incorrect.';

  test('401 says what is wrong with the credentials', async () => {
    const { username, password } = server.account;
    const cases: [Record<string, string>, string][] = [
      [{}, 'Authentication Error - No credentials provided'],
      [{ Authorization: 'Bearer abc' }, 'Authentication Error - invalid credentials'],
      [{ Authorization: 'Basic' }, 'Authentication Error - invalid credentials'],
      [
        { Authorization: `Basic ${btoa('no colon')}` },
        'Authentication Error - invalid credentials',
      ],
      [{ Authorization: `Basic ${btoa('\0:\0')}` }, 'Authentication Error - invalid username'],
      [
        { Authorization: `Basic ${btoa(`AC${'0'.repeat(32)}:${password}`)}` },
        'Authentication Error - invalid username',
      ],
      [
        { Authorization: `Basic ${btoa(`SK${'0'.repeat(32)}:${password}`)}` },
        'Authentication Error - invalid username',
      ],
      [
        { Authorization: `Basic ${btoa(`${username}:${password}x`)}` },
        'Authentication Error - invalid password',
      ],
      [
        { Authorization: `Basic ${btoa(`${username}:`)}` },
        'Authentication Error - invalid password',
      ],
    ];
    for (const [headers, message] of cases) {
      const answer = await server.request('/v1/ESimProfiles', { as: null, headers });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Twilio API"');
      assert.deepEqual(
        [answer.json.code, answer.json.message, answer.json.status],
        [20003, message, 401],
      );
    }
    const wrong = { username, password: 'wrong' };
    assert.equal((await server.request('/v1/ESimProfiles', { as: wrong })).json.detail, detail);
  });

  test('an API key acts for its account', async () => {
    const key = await addKey('full');
    const { status, json } = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
      as: key,
    });
    assert.equal(status, 201);
    assert.equal(json.account_sid, server.account.username);
  });

  test('403: a key that may only read', async () => {
    const key = await addKey('read');
    assert.equal((await server.request('/v1/ESimProfiles', { as: key })).status, 200);
    const { status, json } = await server.request('/v1/ESimProfiles', {
      form: { GenerateMatchingId: 'true' },
      as: key,
    });
    assert.equal(status, 403);
    assert.deepEqual(json, {
      code: 20006,
      detail: 'This API key may only read.',
      message: 'Access Denied',
      more_info: 'https://www.twilio.com/docs/errors/20006',
      status: 403,
    });
  });

  test('403: each scope of a key may change what it names, and read all but the secret of callbacks', async () => {
    const scopes = ['full', 'orders', 'stock', 'read'] as const;
    const keys = await Promise.all(scopes.map(addKey));
    const allowed: Record<string, string[]> = {};
    for (const { operationId, method, path } of OPERATIONS) {
      if (operationId.startsWith('Stream')) continue;
      const url = path.replaceAll(/:\w+/g, 'none');
      const replies = await Promise.all(
        keys.map((as) =>
          server.request(url, { method, as, ...(method === 'POST' ? UNSUPPORTED : {}) }),
        ),
      );
      const may = scopes.filter((_scope, index) => replies[index]!.status !== 403);
      if (may.length < scopes.length) (allowed[may.join(' ')] ??= []).push(operationId);
    }
    assert.deepEqual(allowed, {
      'full orders': [
        'CreateEsimProfile',
        'UpdateEsimProfile',
        'CancelEsimProfile',
        'ReissueMatchingId',
        'ReorderEsimProfile',
        'CreateBatch',
        'CancelBatch',
        'CreateInstallLink',
        'DeleteInstallLink',
        'RetryCallbacks',
        'TestCallback',
        'CreateRehearsal',
        'RetryCallback',
        'UpdateSim',
        'CreateEuicc',
        'UpdateEuicc',
        'DeleteEuicc',
        'CreateEuiccOperation',
        'CancelEuiccOperation',
        'CreateEuiccImport',
        'CreateEuiccGroup',
        'UpdateEuiccGroup',
        'DeleteEuiccGroup',
        'CreateBulkOperation',
        'PauseBulkOperation',
        'ResumeBulkOperation',
        'CancelBulkOperation',
      ],
      'full stock': ['UpdateStock', 'CreateStockImport', 'CreateStockPreview'],
      full: [
        'CreateEuiccRange',
        'UpdateEuiccRange',
        'DeleteEuiccRange',
        'RetryProgressReports',
        'RetryProgressReport',
        'UpdateAccount',
        'FetchCallbackSecret',
        'RotateCallbackSecret',
        'UpdateBrand',
        'CreateKey',
        'DeleteKey',
        'ListAuditEntry',
        'FetchAuditEntry',
      ],
    });
  });

  test('a revoked key and a rotated token can read for at most one more second', async () => {
    const { store, now, masterKey } = server.server.context;
    const key = await addKey('full');
    const other = await server.addAccount(0);
    assert.equal((await server.request('/v1/ESimProfiles', { as: key })).status, 200);
    assert.equal((await server.request('/v1/ESimProfiles', { as: other })).status, 200);
    const password = await store.transaction(async (tables) => {
      await tables.accounts.revokeKey(server.account.username, key.username, now().toISOString());
      return rotateAuthToken(other.username, masterKey, unitAt(tables, new Date()));
    });
    await sleep(REMEMBERED_MS);
    assert.equal((await server.request('/v1/ESimProfiles', { as: key })).status, 401);
    assert.equal((await server.request('/v1/ESimProfiles', { as: other })).status, 401);
    const rotated = { username: other.username, password: password! };
    assert.equal((await server.request('/v1/ESimProfiles', { as: rotated })).status, 200);
  });
});

describe('two accounts', () => {
  test('see nothing of each other', async () => {
    const other = await server.addAccount();
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const theirs = await server.order({ GenerateMatchingId: 'true' }, other);
    assert.equal(theirs.iccid, '8999901000000000013', 'their own stock');

    for (const [as, foreign] of [
      [other, mine],
      [server.account, theirs],
    ] as const) {
      for (const path of [
        `/v1/ESimProfiles/${foreign.sid}`,
        `/v1/ESimProfiles/${foreign.sid}/Events`,
        `/v1/Sims/${foreign.sim_sid}`,
      ]) {
        const { status, json } = await server.request(path, { as });
        assert.deepEqual([status, json.code], [404, 20404]);
      }
      const update = { form: { UniqueName: 'taken over' }, as };
      assert.equal((await server.request(`/v1/Sims/${foreign.sim_sid}`, update)).status, 404);
      for (const path of [
        '/v1/ESimProfiles?PageSize=1000',
        `/v1/ESimProfiles?SimSid=${foreign.sim_sid}`,
        `/v1/ESimProfiles?PageToken=PAHP${'f'.repeat(32)}`,
      ]) {
        const { json } = await server.request(path, { as });
        assert.ok(json.esim_profiles.every((found: any) => found.account_sid === as.username));
        assert.ok(!JSON.stringify(json.esim_profiles).includes(foreign.sid));
      }
    }
  });
});

describe('secrets', () => {
  test('are never logged', async () => {
    const log = server.logged.join('');
    assert.ok(log.includes('POST /v1/ESimProfiles'));
    assert.ok(!log.includes(server.account.password));
    assert.ok(!log.includes('Basic '));
  });
});
