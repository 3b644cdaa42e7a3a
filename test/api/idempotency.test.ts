// Idempotency-Key on create.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer } from '../server.ts';
import type { RequestOptions, TestServer } from '../server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server[Symbol.asyncDispose]());

function order(key: string, options: RequestOptions = { form: { GenerateMatchingId: 'true' } }) {
  return server.request('/v1/ESimProfiles', { ...options, headers: { 'Idempotency-Key': key } });
}

async function countProfiles(): Promise<number> {
  const { json } = await server.request('/v1/ESimProfiles?PageSize=1000');
  return json.esim_profiles.length;
}

describe('Idempotency-Key', () => {
  test('a repeat answers with the first result, as a form or as JSON, also after a restart', async () => {
    const first = await order('order-1');
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotent-replayed'), null);
    const count = await countProfiles();
    await server.restart();
    for (const options of [
      { form: { GenerateMatchingId: 'true' } },
      { form: { GenerateMatchingId: 'TRUE', Eid: '' } },
      { body: { GenerateMatchingId: true } },
      { body: { GenerateMatchingId: true, Unknown: 1 } },
    ]) {
      const repeat = await order('order-1', options);
      assert.equal(repeat.status, 201);
      assert.equal(repeat.headers.get('idempotent-replayed'), 'true');
      // The base of the URL is that of the first answer.
      assert.equal(repeat.text, first.text);
    }
    assert.equal(await countProfiles(), count);
  });

  test('422 when the parameters differ', async () => {
    await order('order-2');
    const { status, json } = await order('order-2', {
      form: { Eid: '89049032005008882600033489aaaaaa' },
    });
    assert.deepEqual([status, json.code], [422, 20422]);
  });

  test('of repeats at the same time one is carried out; the others are told 409 or the result', async () => {
    const count = await countProfiles();
    const answers = await Promise.all(Array.from({ length: 20 }, () => order('order-3')));
    const created = answers.filter(({ status }) => status === 201);
    assert.equal(new Set(created.map(({ text }) => text)).size, 1);
    assert.equal(created.filter(({ headers }) => !headers.has('idempotent-replayed')).length, 1);
    for (const { status, json } of answers) {
      if (status !== 201) assert.deepEqual([status, json.code], [409, 20409]);
    }
    assert.equal(await countProfiles(), count + 1);
  });

  test('409 while the first runs; when it has died, a repeat is carried out', async () => {
    const { store } = server.server.context;
    const first = await order('order-4');
    async function setLock(lockedUntil: string) {
      await store.transaction(async (tables) => {
        const row = (await tables.idempotencyKeys.find(server.account.username, 'order-4'))!;
        await tables.idempotencyKeys.deleteBefore('9999');
        const dead = { response_status: null, response_body: null, locked_until: lockedUntil };
        await tables.idempotencyKeys.claim({ ...row, ...dead }, lockedUntil);
      });
    }
    await setLock('2999-01-01T00:00:00.000Z');
    assert.equal((await order('order-4')).status, 409);
    await setLock('2000-01-01T00:00:00.000Z');
    const second = await order('order-4');
    assert.equal(second.status, 201);
    assert.notEqual(second.json.sid, first.json.sid);
  });

  test('is of one account, is not used up by a refused request, and has at most 255 characters', async () => {
    const other = await server.addAccount(0);
    const mine = await order('order-5');
    const theirs = await order('order-5', { form: { GenerateMatchingId: 'true' }, as: other });
    assert.notEqual(mine.json.sid, theirs.json.sid);

    assert.equal((await order('order-6', { form: {} })).status, 400);
    assert.equal((await order('order-6')).status, 201);

    const { status, json } = await order('x'.repeat(256));
    assert.deepEqual([status, json.code], [400, 20001]);
  });
});
