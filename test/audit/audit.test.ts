// Who changed what: each operation enters it, with what it changes or not at all; and nothing of it can be changed, removed
// or inserted without showing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { OPERATIONS } from '../../src/api/operations.ts';
import { AuditKey, auditKeysOf, currentAuditKey } from '../../src/audit/audit-key.ts';
import { BEGINNING, checkNext } from '../../src/audit/check.ts';
import type { Entry } from '../../src/audit/entry.ts';
import { checkExport, exportAuditLog } from '../../src/audit/export.ts';
import { forgetOldEntries } from '../../src/audit/retention.ts';
import { hashOfSeal, parseSeal, sealNext } from '../../src/audit/seal.ts';
import { walkAuditLog } from '../../src/audit/walk.ts';
import { openData } from '../../src/data.ts';
import type { Data } from '../../src/data.ts';
import { MasterKey } from '../../src/process/keys.ts';
import { within } from '../../src/process/request-scope.ts';
import { openSnapshots } from '../../src/store/open.ts';
import { dateOfSid, sidAt } from '../../src/values/sid.ts';
import { onEachDatabase } from '../databases.ts';
import { Ipa } from '../esipa/ipa.ts';
import { startReceiver } from '../receiver.ts';
import { eventually, startTestServer } from '../server.ts';
import type { Credentials, RequestOptions, TestServer } from '../server.ts';
import { openToDamage } from '../verify/database-copy.ts';
import type { Damaged } from '../verify/database-copy.ts';

const FUTURE = sidAt('auditEntry', new Date('2100-01-01'));
const EID = '89049032005008882600033489aaaaaa';
const OTHER_EID = '89049032005008882600033489bbbbbb';
const SECRET_URL = 'https://user:hunter2@receiver.example.com/status';
const SHOWN_URL = 'https://***:***@receiver.example.com/status';
const STOCK =
  'ICCID,IMSI,Ki,OPC\n8949440000009000074,999700900007,00112233445566778899AABBCCDDEEFF,FFEEDDCCBBAA99887766554433221100\n';

/** What changes nothing that is kept, or is not of anybody's. */
const ENTERS_NOTHING = ['TestCallback', 'CreateStockPreview'];
/** Entered as they are asked for elsewhere: test/es2plus/progress.test.ts, test/api/callbacks.test.ts. */
const ELSEWHERE = ['RetryProgressReport', 'RetryProgressReports'];

onEachDatabase('the audit log', (database) => {
  let server: TestServer;
  let read: Credentials;

  before(async () => {
    const databaseUrl = await database.own();
    server = await startTestServer({
      stock: 40,
      env: { SIMWRIGHT_ESIPA_PORT: '0' },
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    const { json } = await server.request('/v1/Keys', { form: { Scope: 'read' } });
    read = { username: json.sid, password: json.secret };
  });
  after(() => server[Symbol.asyncDispose]());

  async function entries(query = ''): Promise<any[]> {
    const { status, text, json } = await server.request(`/v1/AuditEntries?${query}`);
    assert.equal(status, 200, text);
    return json.audit_entries;
  }

  /** Asks for something, which must succeed. @returns the answer, and what was entered by it */
  async function asked(operationId: string, path: string, options: RequestOptions = {}) {
    const { method } = OPERATIONS.find((one) => one.operationId === operationId)!;
    const reply = await server.request(path, { method, ...options });
    assert.ok(reply.status < 300, reply.text);
    const requestId = reply.headers.get('Twilio-Request-Id')!;
    tried.add(operationId);
    const entered = (await entries('PageSize=10')).filter(({ changes }) =>
      changes.some((change: any) => change.request_id === requestId),
    );
    for (const entry of entered) {
      assert.equal(entry.operation, operationId);
      assert.equal(entry.outcome, 'done');
      const { username: sid } = server.account;
      assert.deepEqual(entry.actor, { name: sid, type: 'account', sid });
      assert.equal(entry.address, '127.0.0.1');
      assert.ok(Math.abs(Date.parse(entry.date_created) - Date.now()) < 60_000);
    }
    const changes = entered
      .toReversed()
      .flatMap((entry) => entry.changes)
      .map(({ request_id: _id, ...change }) => change);
    return { json: reply.json, changes };
  }
  const tried = new Set<string>();

  const change = (subject: string, was: object | null, is: object | null) => ({
    subject,
    before: was,
    after: is,
  });

  test('CreateKey, DeleteKey: who made and revoked it, what it may do, never its secret', async () => {
    const form = { FriendlyName: 'Shop', Scope: 'orders' };
    const made = await asked('CreateKey', '/v1/Keys', { form });
    const { sid, secret } = made.json;
    const key = { friendly_name: 'Shop', scope: 'orders' };
    assert.deepEqual(made.changes, [change(sid, null, key)]);
    assert.ok(!JSON.stringify(await entries()).includes(secret));
    const revoked = await asked('DeleteKey', `/v1/Keys/${sid}`);
    assert.deepEqual(revoked.changes, [change(sid, key, null)]);
    assert.deepEqual(
      (await entries(`Subject=${sid}`)).map(({ operation }) => operation),
      ['DeleteKey', 'CreateKey'],
    );
  });

  test('an API key, and the console, are told from the auth token', async () => {
    const form = { FriendlyName: 'Program', Scope: 'full' };
    const { json: key } = await server.request('/v1/Keys', { form });
    const as = { username: key.sid, password: key.secret };
    await server.request('/v1/Account', { form: { ReleaseAgain: 'failure' }, as });
    const [byKey] = await entries(`Actor=${key.sid}`);
    assert.deepEqual(byKey.actor, { name: key.sid, type: 'key', sid: key.sid, scope: 'full' });
    assert.deepEqual(byKey.changes[0].before, { release_again: 'off' });
    assert.deepEqual(byKey.changes[0].after, { release_again: 'failure' });

    const body = { account_sid: key.sid, auth_token: key.secret };
    const signedIn = await fetch(`${server.url}/console/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(signedIn.status, 201);
    const [byConsole] = await entries(`Actor=${key.sid}`);
    assert.equal(byConsole.operation, 'console sign in');
    assert.equal(byConsole.actor.type, 'console');
    assert.match(byConsole.actor.session, /^[0-9a-f]{16}$/);
  });

  test('CreateEsimProfile, UpdateEsimProfile, ReissueMatchingId, CancelEsimProfile, ReorderEsimProfile: no code, no label', async () => {
    const form = {
      Eid: EID,
      GenerateMatchingId: 'true',
      ConfirmationCode: '4711-secret',
      FriendlyName: 'Somebody',
      'Metadata[person]': 'Nobody',
      CallbackUrl: SECRET_URL,
    };
    const placed = await asked('CreateEsimProfile', '/v1/ESimProfiles', { form });
    const { sid } = placed.json;
    const order = { eid: EID, confirmation_code: 'set', callback_url: SHOWN_URL };
    assert.deepEqual(placed.changes, [change(sid, null, order)]);
    const available = await eventually(async () => {
      const { json } = await server.request(`/v1/ESimProfiles/${sid}`);
      return json.status === 'available' ? json : undefined;
    });

    const updated = await asked('UpdateEsimProfile', `/v1/ESimProfiles/${sid}`, {
      form: { Eid: OTHER_EID, FriendlyName: 'Somebody else' },
    });
    const typed = { profile_type: 'default' };
    const [{ before: was, after: since, subject }] = updated.changes;
    assert.equal(subject, sid);
    assert.deepEqual([was.eid, since.eid], [EID, OTHER_EID]);
    assert.deepEqual(since.changed, ['Eid', 'FriendlyName']);
    assert.equal(since.profile_type, typed.profile_type);

    const reissued = await asked('ReissueMatchingId', `/v1/ESimProfiles/${sid}/MatchingId`, {
      form: {},
    });
    assert.deepEqual(reissued.changes, [change(sid, null, { changed: ['MatchingId'] })]);
    const cancelled = await asked('CancelEsimProfile', `/v1/ESimProfiles/${sid}/Cancel`, {
      form: {},
    });
    assert.deepEqual(cancelled.changes, [
      change(sid, { status: 'available' }, { status: 'failed', final_profile_status: 'Available' }),
    ]);
    const again = await asked('ReorderEsimProfile', `/v1/ESimProfiles/${sid}/Reorder`, {
      form: {},
    });
    assert.deepEqual(again.changes[0], change(sid, null, { replaced_by_sid: again.json.sid }));
    assert.equal(again.changes[1].subject, again.json.sid);
    assert.equal(again.changes[1].after.replaces_sid, sid);

    const text = JSON.stringify(await entries('PageSize=1000'));
    const codes = [available.matching_id, '4711-secret', 'Somebody', 'Nobody', 'hunter2'];
    for (const code of codes) assert.ok(!text.includes(code as string), code);
  });

  test('what was refused, or rolled back, is not in it', async () => {
    const count = (await entries('PageSize=1000')).length;
    const { status } = await server.request('/v1/ESimProfiles', { form: { Eid: 'x' } });
    assert.equal(status, 400);
    const { context } = server.server;
    const act = { operation: 'Nothing', by: { type: 'server' } } as const;
    const failing = within(act, () =>
      context.append(async ({ audit }) => {
        await audit(server.account.username, { subject: 'nothing' });
        throw new Error('rolled back');
      }),
    );
    await assert.rejects(failing, /rolled back/);
    assert.equal((await entries('PageSize=1000')).length, count);
  });

  test('a request that is repeated with its Idempotency-Key is entered once', async () => {
    const options = {
      form: { GenerateMatchingId: 'true' },
      headers: { 'Idempotency-Key': 'audited' },
    };
    const { json } = await server.request('/v1/ESimProfiles', options);
    const { status } = await server.request('/v1/ESimProfiles', options);
    assert.equal(status, 201);
    assert.equal((await entries(`Subject=${json.sid}`)).length, 1);
  });

  test('orders at the same time share entries, and each is found by its SID', async () => {
    const orders = await Promise.all(
      Array.from({ length: 24 }, () =>
        server.request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } }),
      ),
    );
    const found = await Promise.all(
      orders.map(({ json }) => entries(`Subject=${json.sid}&Operation=CreateEsimProfile`)),
    );
    for (const [index, some] of found.entries()) {
      assert.equal(some.length, 1);
      const own = some[0].changes.filter(({ subject }: any) => subject === orders[index]!.json.sid);
      assert.equal(own.length, 1);
      const requestId = orders[index]!.headers.get('Twilio-Request-Id');
      assert.equal(own[0].request_id, requestId);
    }
    assert.deepEqual(await entries(`Subject=HP${'0'.repeat(32)}`), []);
  });

  test('CreateBatch, CancelBatch: one entry for all of it', async () => {
    const made = await asked('CreateBatch', '/v1/ESimProfiles/Batches', {
      body: { Items: [{ Eid: EID, ConfirmationCode: '4711' }], BatchCallbackUrl: SECRET_URL },
    });
    const [{ subject, after: batch }] = made.changes;
    assert.equal(subject, made.json.sid);
    assert.match(batch.digest, /^[0-9a-f]{64}$/);
    assert.equal(batch.items, 1);
    assert.equal(batch.callback_url, SHOWN_URL);
    const large = await asked('CreateBatch', '/v1/ESimProfiles/Batches', {
      body: { Count: 3000, GenerateMatchingId: true },
    });
    assert.equal(large.changes[0].after.items, 3000);
    const { sid } = large.json;
    const cancelled = await asked('CancelBatch', `/v1/ESimProfiles/Batches/${sid}/Cancel`);
    assert.deepEqual(cancelled.changes[0].after, { status: 'cancelled' });
    const all = await entries('PageSize=1000&Operation=CreateBatch');
    assert.equal(all.length, 2, 'the orders of a batch have no entries of their own');
  });

  test('CreateStockImport, UpdateStock: how many, and the digest of the file', async () => {
    const imported = await asked('CreateStockImport', '/v1/Stock/Imports', { csv: STOCK });
    const [{ subject, after: stock }] = imported.changes;
    assert.equal(subject, 'stock');
    assert.deepEqual([stock.imported, stock.already_in_stock], [1, 0]);
    assert.match(stock.digest, /^SHA-256 [0-9a-f]{64}$/);
    const again = await asked('CreateStockImport', '/v1/Stock/Imports', { csv: STOCK });
    assert.deepEqual(again.changes, [], 'nothing was imported');
    const form = { ProfileType: 'default', Threshold: '5', CallbackUrl: SECRET_URL };
    const { changes } = await asked('UpdateStock', '/v1/Stock', { form });
    assert.equal(changes[0].after.threshold, 5);
    assert.equal(changes[0].after.callback_url, SHOWN_URL);
  });

  test('UpdateAccount, RotateCallbackSecret, UpdateBrand, UpdateSim, CreateInstallLink, DeleteInstallLink', async () => {
    const { username: sid } = server.account;
    await using receiver = await startReceiver();
    const form = { CallbackUrl: SECRET_URL };
    const updated = await asked('UpdateAccount', '/v1/Account', { form });
    assert.deepEqual(updated.changes, [
      change(sid, { callback_url: null }, { callback_url: SHOWN_URL }),
    ]);
    const rotated = await asked('RotateCallbackSecret', '/v1/Account/CallbackSecret', { form: {} });
    assert.equal(rotated.changes[0].after.callback_secret, 'another');
    const brand = { Name: 'Example Mobile', AccentColor: '#3450c8' };
    const branded = await asked('UpdateBrand', '/v1/Account/Brand', { form: brand });
    assert.deepEqual(branded.changes[0].after, { name: 'Example Mobile', accent_color: '#3450c8' });

    const order = await server.order({
      GenerateMatchingId: 'true',
      CallbackUrl: `${receiver.url}/status`,
    });
    const sim = await asked('UpdateSim', `/v1/Sims/${order.sim_sid}`, {
      form: { UniqueName: 'meter' },
    });
    assert.deepEqual(sim.changes, [
      change(order.sim_sid, { unique_name: null }, { unique_name: 'meter' }),
    ]);
    const path = `/v1/ESimProfiles/${order.sid}/InstallLinks`;
    const made = await asked('CreateInstallLink', path, { form: {} });
    assert.equal(made.changes[0].subject, made.json.sid);
    const revoked = await asked('DeleteInstallLink', `${path}/${made.json.sid}`);
    assert.deepEqual(revoked.changes[0].before, { esim_profile_sid: order.sid });

    const { callbacks } = await eventually(async () => {
      const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Callbacks`);
      const isDone = json.callbacks.some(({ state }: any) => state === 'delivered');
      return isDone ? json : undefined;
    });
    const delivered = callbacks.find(({ state }: any) => state === 'delivered');
    const retried = await asked('RetryCallback', `/v1/Callbacks/${delivered.sid}/Retry`);
    assert.deepEqual(retried.changes, [change(delivered.sid, null, { retried: 1 })]);
    const many = await asked('RetryCallbacks', '/v1/Callbacks/Retry?State=pending');
    for (const { subject } of many.changes) assert.equal(subject, 'callbacks');
    const rehearsed = await asked('CreateRehearsal', '/v1/Callbacks/Rehearsals', {
      form: { CallbackUrl: `${receiver.url}/rehearsal` },
    });
    assert.deepEqual(rehearsed.changes[0].after, { rehearsal: 'begun' });
  });

  test('eUICCs of the eIM, and what they are asked to do', async () => {
    const eid = '89049032000000000000000000000066';
    const made = await asked('CreateEuicc', '/v1/Euiccs', { form: { Eid: eid } });
    const sid = made.json.sid as string;
    const state = { eid, result_signature: 'associationToken', unsigned_results: false };
    assert.deepEqual(made.changes[0].after, state);
    const name = { form: { FriendlyName: 'Pump 7' } };
    const { changes: named } = await asked('UpdateEuicc', `/v1/Euiccs/${sid}`, name);
    assert.deepEqual(named[0].after, { friendly_name: 'Pump 7' });
    const path = `/v1/Euiccs/${sid}/Operations`;
    const begun = await asked('CreateEuiccOperation', path, { form: { Kind: 'listProfileInfo' } });
    assert.deepEqual(begun.changes[0].after, { operation: 'listProfileInfo', euicc: sid });
    const iccid = '89882110000000000014';
    const form = { Kind: 'delete', Iccid: iccid };
    const deleting = await asked('CreateEuiccOperation', path, { form });
    assert.deepEqual(deleting.changes[0].after, { operation: 'delete', euicc: sid, iccid });
    const ActivationCode = `LPA:1$${server.config.smdpAddress}$SECRET-CODE`;
    const download = { Kind: 'download', ActivationCode };
    const downloading = await asked('CreateEuiccOperation', path, { form: download });
    assert.deepEqual(downloading.changes[0].after, { operation: 'download', euicc: sid });
    const operation = `${path}/${begun.json.sid}`;
    const { changes: cancelled } = await asked('CancelEuiccOperation', operation);
    assert.deepEqual(cancelled[0].before, { operation: 'listProfileInfo' });
    assert.equal(cancelled[0].after, null);
    await new Ipa(server, { eid }).poll();
    const { json: list } = await server.request(`${path}?Status=sent`);
    const [sent] = list.operations;
    const giveUp = `${path}/${sent.sid}?GiveUp=true`;
    const { changes: givenUp } = await asked('CancelEuiccOperation', giveUp);
    assert.deepEqual(givenUp, [
      change(sent.sid, { operation: 'euiccData' }, { error_code: 'noResult' }),
    ]);
    const CallbackUrl = 'https://hook:secret@example.com/status';
    const { changes: updated } = await asked('UpdateEuicc', `/v1/Euiccs/${sid}`, {
      form: { CallbackUrl },
    });
    assert.deepEqual(updated[0].after, {
      callback_url: 'https://***:***@example.com/status',
    });
    const { changes: removed } = await asked('DeleteEuicc', `/v1/Euiccs/${sid}`);
    assert.deepEqual(removed[0].before, { eid });
  });

  test('groups of eUICCs, many registered at once, bulk operations: one entry for all of it', async () => {
    const eid = '89049032000000000000000000000163';
    const Items = [{ Eid: eid, Metadata: { owner: 'somebody' } }, { Eid: 'x' }];
    const imported = await asked('CreateEuiccImport', '/v1/Euiccs/Imports', { body: { Items } });
    const [{ subject, after: registered }] = imported.changes;
    assert.deepEqual([subject, registered.registered, registered.first_eid], ['euiccs', 1, eid]);
    const groups = '/v1/Euiccs/Groups';
    const made = await asked('CreateEuiccGroup', groups, { form: { Name: 'Berlin' } });
    const group = made.json.sid as string;
    assert.deepEqual(made.changes, [
      { ...made.changes[0], subject: group, after: { name: 'Berlin' } },
    ]);
    const renamed = await asked('UpdateEuiccGroup', `${groups}/${group}`, {
      form: { Name: 'Bonn' },
    });
    assert.deepEqual(
      [renamed.changes[0].before, renamed.changes[0].after],
      [{ name: 'Berlin' }, { name: 'Bonn' }],
    );
    const form = { Group: 'Bonn', FriendlyName: 'Pump', 'Metadata.owner': 'somebody else' };
    const moved = await asked('UpdateEuicc', `/v1/Euiccs/${eid}`, { form });
    assert.deepEqual(moved.changes[0].before, { friendly_name: null, group_sid: null });
    assert.deepEqual(moved.changes[0].after, {
      friendly_name: 'Pump',
      group_sid: group,
      metadata: 'changed',
    });
    const bulks = '/v1/Euiccs/BulkOperations';
    const iccid = '89882110000000000014';
    const begun = await asked('CreateBulkOperation', bulks, {
      form: { Kind: 'enable', Iccid: iccid, Group: group, BulkCallbackUrl: SECRET_URL },
    });
    const { digest, ...bulk } = begun.changes[0].after;
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(bulk, {
      operation: 'enable',
      iccid,
      group_sid: group,
      items: 1,
      refused: 0,
      rate: null,
      maximum_failures: null,
      callback_url: SHOWN_URL,
    });
    const path = `${bulks}/${begun.json.sid}`;
    const paused = await asked('PauseBulkOperation', `${path}/Pause`);
    assert.deepEqual(paused.changes[0].after, { status: 'paused' });
    const resumed = await asked('ResumeBulkOperation', `${path}/Resume`);
    assert.deepEqual(resumed.changes[0].before, { status: 'paused' });
    const cancelled = await asked('CancelBulkOperation', `${path}/Cancel`);
    assert.deepEqual(cancelled.changes[0].after, { status: 'cancelled' });
    const another = await asked('CreateEuiccGroup', groups, { form: { Name: 'Köln' } });
    const deleted = await asked('DeleteEuiccGroup', `${groups}/${another.json.sid}`);
    assert.deepEqual(deleted.changes[0].before, { name: 'Köln' });
  });

  test('ranges of EIDs whose eUICCs are registered on first contact', async () => {
    const form = { EidPrefix: '89049032', Limit: '5' };
    const made = await asked('CreateEuiccRange', '/v1/EuiccRanges', { form });
    const state = { eid_prefix: '89049032', limit: 5, result_signature: 'associationToken' };
    assert.deepEqual(made.changes[0].after, state);
    const path = `/v1/EuiccRanges/${made.json.sid}`;
    const changed = await asked('UpdateEuiccRange', path, { form: { Limit: '9' } });
    assert.deepEqual(changed.changes[0].after, { ...state, limit: 9 });
    const { changes: removed } = await asked('DeleteEuiccRange', path);
    assert.deepEqual(removed[0].before, { ...state, limit: 9 });
  });

  test('every operation that changes something is among these cases', () => {
    const known = [...tried, ...ENTERS_NOTHING, ...ELSEWHERE];
    const missing = OPERATIONS.filter(
      ({ method, operationId }) => method !== 'GET' && !known.includes(operationId),
    );
    assert.deepEqual(
      missing.map(({ operationId }) => operationId),
      [],
    );
  });

  test('ListAuditEntry, FetchAuditEntry: in pages, of the account alone, for the scope full', async () => {
    const [newest, second] = await entries('PageSize=2');
    const first = await server.request('/v1/AuditEntries?PageSize=1');
    assert.equal(first.json.audit_entries[0].sid, newest.sid);
    const next = await server.request(first.json.meta.next_page_url);
    assert.equal(next.json.audit_entries[0].sid, second.sid);
    const one = await server.request(`/v1/AuditEntries/${newest.sid}`);
    assert.deepEqual({ ...one.json, sealed: true }, { ...newest, sealed: true });
    assert.deepEqual(await entries('DateCreatedBefore=2020-01-01'), []);

    const other = await server.addAccount(0);
    const theirs = await server.request('/v1/AuditEntries', { as: other });
    assert.deepEqual(theirs.json.audit_entries, []);
    const foreign = await server.request(`/v1/AuditEntries/${newest.sid}`, { as: other });
    assert.equal(foreign.status, 404);
    const refused = await server.request('/v1/AuditEntries', { as: read });
    assert.equal(refused.status, 403);
  });

  test('requests that are denied are counted, and entered together', async () => {
    const { denied, transact, store } = server.server.context;
    const nobody = { username: server.account.username, password: 'wrong' };
    // The first of each kind are entered at once; those that follow are kept for a minute, or an hour.
    assert.equal((await server.request('/v1/Keys', { as: nobody })).status, 401);
    assert.equal((await server.request('/v1/Account', { form: {}, as: read })).status, 403);
    await denied.enter(transact, Infinity);
    for (let count = 0; count < 5; count++) {
      assert.equal((await server.request('/v1/Keys', { as: nobody })).status, 401);
      assert.equal((await server.request('/v1/Keys', { form: {}, as: read })).status, 403);
    }
    await denied.enter(transact, Infinity);
    const [refused, ...others] = (await entries(`Actor=${read.username}`)).filter(
      ({ operation }) => operation === 'CreateKey',
    );
    assert.deepEqual(others, []);
    assert.equal(refused.outcome, 'denied');
    assert.deepEqual(refused.changes[0].after, {
      requests: 5,
      addresses: ['127.0.0.1'],
      why: 'This API key may only read.',
    });
    const rows = await store.auditLog.between('', FUTURE, 10_000);
    const strangers = rows.filter(({ operation }) => operation === 'authentication');
    assert.equal(strangers.length, 2);
    assert.equal(strangers[1]!.account_sid, '');
    assert.match(strangers[1]!.entry, /"requests":5/);
  });

  test('the server itself: the first start', async () => {
    const rows = await server.server.context.store.auditLog.between('', FUTURE, 2);
    for (const row of rows) {
      assert.deepEqual([row.operation, row.actor], ['first start', 'server']);
    }
  });

  describe('sealed', () => {
    let data: Data;
    let damaged: Damaged;
    let key: AuditKey;
    let head: string;

    before(async () => {
      await server.server[Symbol.asyncDispose]();
      data = await openData(server.config, server.secrets);
      key = AuditKey.of(data.masterKey);
      // Several seals, each of some entries, made by one of two nodes.
      const other = await openData(server.config, server.secrets);
      const act = { operation: 'Test', by: { type: 'server' } } as const;
      for (let number = 0; number < 3; number++) {
        const last = await data.store.auditLog.head();
        const sealed = last && dateOfSid(parseSeal(last).last_sid);
        for (const node of [data, other, data]) {
          const subject = `entry of ${number}`;
          // What is sealed here is not settled: the clocks of the nodes may differ by what the database takes to answer.
          await eventually(() => sealed === undefined || node.store.now() > sealed || undefined);
          await within(act, () => node.transact(({ audit }) => audit('', { subject })));
        }
        const both = await Promise.all([data, other].map((node) => sealNext(key, node, FUTURE)));
        assert.equal(both.filter(({ row }) => row !== undefined).length, 1);
      }
      await other.store.close();
      head = hashOfSeal((await data.store.auditLog.head())!);
    });

    test(
      'no entry, seal or checkpoint can be changed or deleted',
      { skip: database.name === 'Citus' },
      async () => {
        for (const table of ['audit_entries', 'audit_seals'] as const) {
          for (const statement of ['update', 'delete'] as const) {
            const tampering = data.store.transaction(async ({ auditLog }) => {
              const { db } = auditLog as any;
              if (statement === 'delete') await db.deleteFrom(table).execute();
              else await db.updateTable(table).set({ mac: '' }).execute();
            });
            await assert.rejects(tampering, /only ever added to/, `${statement} ${table}`);
          }
        }
      },
    );

    test('its export is verified without the database, also a part of it', async () => {
      const lines = async (behind?: number) =>
        (await Array.fromAsync(exportAuditLog(behind, data.store.auditLog)))
          .join('')
          .split('\n')
          .slice(0, -1);
      const whole = await lines();
      async function check(some: readonly string[], keys?: ReadonlyMap<string, AuditKey>) {
        const told = new Map<number, string>();
        async function* given() {
          yield* some;
        }
        const slices = await Array.fromAsync(
          checkExport(given(), keys, (number, hash) => told.set(number, hash)),
        );
        return { told, found: slices.flatMap((slice) => slice.problems) };
      }
      const keys = new Map([[key.id, key]]);
      for (const either of [keys, undefined]) {
        const { told, found } = await check(whole, either);
        assert.deepEqual(found, []);
        assert.equal([...told.values()].at(-1), head);
      }
      assert.deepEqual((await check(await lines(1), keys)).found, []);
      // The server may have sealed entries of the tests before, so not every line is an entry.
      const at = whole.findIndex((line) => line.includes('entry of 1'));
      const { found } = await check(whole.toSpliced(at, 1));
      assert.match(found[0]!.problem, /some were removed/);
      const changed = whole.with(at, whole[at]!.replace('"done"', '"gone"'));
      assert.match((await check(changed)).found[0]!.problem, /not those that were sealed/);
      await assert.rejects(check(['{"a":1}']), /line 1: expected the beginning/);
    });

    describe('and damaged', () => {
      before(async () => {
        await data.store.close();
        damaged = await openToDamage(server.config.database);
      });
      after(() => damaged[Symbol.asyncDispose]());

      async function problems(): Promise<string[]> {
        const snapshots = await openSnapshots(damaged.config);
        try {
          const slices = await Array.fromAsync(walkAuditLog(snapshots, data.masterKey));
          return slices.flatMap((slice) => slice.problems.map(({ problem }) => problem));
        } finally {
          await snapshots.close();
        }
      }

      test('as it is, it is whole', async () => {
        assert.deepEqual(await problems(), []);
      });

      const middle = `(select sid from audit_entries order by sid limit 1 offset 4)`;
      const next = `(select sid from audit_entries order by sid limit 1 offset 5)`;
      for (const [title, statements, expected] of [
        [
          'an entry is changed',
          [
            `update audit_entries set entry = replace(entry, '"done"', '"gone"') where sid = ${middle}`,
          ],
          /its MAC is wrong/,
        ],
        [
          'a column that it is found by is changed',
          [`update audit_entries set actor = 'SK' where sid = ${middle}`],
          /its columns say something else/,
        ],
        [
          'an entry is removed from the middle',
          [`delete from audit_entries where sid = ${middle}`],
          /some were removed/,
        ],
        [
          'the first entry is removed',
          [`delete from audit_entries where sid = (select min(sid) from audit_entries)`],
          /some were removed/,
        ],
        [
          'an entry is inserted, as a copy of another one',
          [
            `insert into audit_entries select account_sid, substr(sid, 1, 33) || 'z', operation, actor, subject, entry, mac
            from audit_entries where sid = ${middle}`,
          ],
          /some were inserted|columns say something else/,
        ],
        [
          'two entries are swapped',
          [
            `create table swapped as select sid, entry, mac from audit_entries where sid in (${middle}, ${next})`,
            `update audit_entries set entry = swapped.entry, mac = swapped.mac from swapped
            where audit_entries.sid in (${middle}, ${next}) and swapped.sid <> audit_entries.sid`,
            `drop table swapped`,
          ],
          /its columns say something else|not those that were sealed/,
        ],
        [
          'an entry is inserted where no SID of an entry is',
          [
            `insert into audit_entries select account_sid, 'ZZ' || substr(sid, 3), operation, actor, subject, entry, mac
            from audit_entries where sid = ${middle}`,
          ],
          /its columns say something else/,
        ],
        ['a seal is removed', ['delete from audit_seals where number = 2'], /are missing/],
        [
          'a seal is changed',
          [`update audit_seals set seal = replace(seal, '"total"', '"Total"') where number = 1`],
          /its MAC is wrong/,
        ],
        [
          'the end of the entries is cut',
          [`delete from audit_entries where sid = (select max(sid) from audit_entries)`],
          /some were removed/,
        ],
        [
          'a checkpoint is forged, so that entries can be deleted',
          [
            `insert into audit_checkpoints (number, last_sid, checkpoint, mac)
            select number, last_sid, seal, mac from audit_seals where number = 1`,
            `delete from audit_entries where sid <= (select last_sid from audit_checkpoints)`,
          ],
          /expected the seal 1 with the hash undefined/,
        ],
      ] as const) {
        test(`it shows that ${title}`, async () => {
          await damaged.run(...statements);
          const found = await problems();
          await damaged.restore();
          assert.match(found.join('\n'), expected);
        });
      }

      test('the end, cut together with its seals, shows by a seal that is kept elsewhere', async () => {
        await damaged.run(
          'delete from audit_entries where sid > (select last_sid from audit_seals where number = 1)',
          'delete from audit_seals where number > 1',
        );
        assert.deepEqual(await problems(), [], 'the database alone cannot know');
        await damaged.restore();
        const kept = await damaged.all('select number, seal from audit_seals order by number desc');
        assert.equal(hashOfSeal(kept[0]), head);
      });

      test('with another master key, nothing of it can be made', async () => {
        const other = new MasterKey('ab'.repeat(32));
        const snapshots = await openSnapshots(damaged.config);
        const slices = await Array.fromAsync(walkAuditLog(snapshots, other));
        await snapshots.close();
        const [first] = slices.flatMap((slice) => slice.problems);
        assert.match(first!.problem, /that of another master key/);
      });

      test('after a rotation of the master key, what was entered before is verified with the key of before', () => {
        const texts = ['ab'.repeat(32), 'cd'.repeat(32)];
        const both = new MasterKey(texts.join(' '));
        const newer = both.with(both.given[1]!);
        const older = AuditKey.of(new MasterKey(texts[0]!));
        const keys = auditKeysOf(newer);
        assert.deepEqual([...keys.keys()], [currentAuditKey(newer)().id, older.id]);
        assert.equal(keys.get(older.id)!.mac('an entry'), older.mac('an entry'));
      });
    });

    describe('after all that', () => {
      before(async () => {
        data = await openData(server.config, server.secrets);
      });
      after(() => data.store.close());

      test('what is past its time is deleted by whole seals; a checkpoint proves the rest', async () => {
        const now = new Date(Date.now() + 40 * 24 * 60 * 60 * 1_000);
        const store = { ...data.store, now: () => now };
        const errors: unknown[] = [];
        const log = { error: (problem: unknown) => errors.push(problem) } as never;
        const context = { store, transact: data.transact, log };
        const keys = auditKeysOf(data.masterKey);
        const least = (await data.store.auditLog.between('', FUTURE, 10_000)).length;
        assert.equal(await forgetOldEntries(60, context, key, keys), false);
        assert.equal(await forgetOldEntries(30, context, key, keys), true);
        assert.equal(await forgetOldEntries(30, context, key, keys), false);
        assert.deepEqual(errors, []);
        const left = await data.store.auditLog.between('', FUTURE, 10_000);
        assert.ok(left.length < least);
        const entry = JSON.parse(left.at(-1)!.entry) as Entry;
        assert.equal(entry.operation, 'audit retention');
        assert.equal(entry.changes[0]!.after!['deleted'], least - left.length + 1);
        const { place, problems: found } = await checkNext(BEGINNING, data.store.auditLog, keys);
        assert.deepEqual(found, []);
        assert.ok(place.number > 0);
        const rest = await Array.fromAsync(exportAuditLog(undefined, data.store.auditLog));
        assert.match(rest[0]!, /^\{"kind":"begin","number":/);
      });

      test('what is inserted where entries were deleted shows, and that the seal of a checkpoint is removed', async () => {
        const { auditLog } = data.store;
        const keys = auditKeysOf(data.masterKey);
        const { number } = (await auditLog.checkpoint())!;
        const found = await checkNext(
          BEGINNING,
          {
            sealsAfter: async (...which) =>
              (await auditLog.sealsAfter(...which)).filter((seal) => seal.number !== number),
            between: auditLog.between.bind(auditLog),
            checkpoint: auditLog.checkpoint.bind(auditLog),
          },
          keys,
        );
        assert.deepEqual(
          found.problems.map(({ problem }) => problem),
          [`its seal ${number} is missing`],
        );

        await data.store.transaction(async (tables) => {
          const { db } = tables.auditLog as any;
          const [last] = await tables.auditLog.between('', FUTURE, 1);
          await db
            .insertInto('audit_entries')
            .values({ ...last, sid: 'AE00' })
            .execute();
        });
        const { problems } = await checkNext(BEGINNING, auditLog, keys);
        assert.deepEqual(problems, [
          {
            accountSid: null,
            subject: 'AE00',
            problem: 'its columns say something else than what was entered',
          },
        ]);
      });
    });
  });
});

test('a server seals what was entered, logs the seal, and notices that the end was cut while it runs', async () => {
  await using server = await startTestServer();
  await server.request('/v1/Keys', { form: {} });
  const sealed = await eventually(() =>
    server.logged.find((line) => line.includes('audit log sealed')),
  );
  assert.match(sealed, /"seal":1,"hash":"[0-9a-f]{64}","entries":\d+,"total":\d+/);
  const [entry] = (await server.request('/v1/AuditEntries')).json.audit_entries;
  assert.equal(entry.sealed, true);
  await server.server.context.store.transaction(async ({ auditLog }) => {
    const { db } = auditLog as any;
    // As with access to the file.
    await sql`drop trigger audit_seals_remain`.execute(db);
    await sql`delete from audit_seals`.execute(db);
  });
  const broken = await eventually(() => server.logged.find((line) => line.includes('was cut')));
  assert.match(broken, /the audit log is broken/);
  const { metrics } = server.server.context;
  const problems = (await metrics.snapshot()).find(
    ({ name }) => name === 'simwright_audit_problems',
  );
  assert.equal(problems!.values[0]!.value, 1);
});
