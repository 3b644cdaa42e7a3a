// Idempotency-Key on create.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachDatabase, serverOn } from '../databases.ts';
import { eventually } from '../server.ts';
import type { RequestOptions } from '../server.ts';

onEachDatabase('Idempotency-Key', (database) => {
  const shared = serverOn(database);

  function order(key: string, options: RequestOptions = { form: { GenerateMatchingId: 'true' } }) {
    const headers = { 'Idempotency-Key': key };
    return shared().request('/v1/ESimProfiles', { ...options, headers });
  }

  async function countProfiles(): Promise<number> {
    const { json } = await shared().request('/v1/ESimProfiles?PageSize=1000');
    return json.esim_profiles.length;
  }

  test('a repeat gets the first response, as a form or as JSON, even after a restart', async () => {
    const first = await order('order-1');
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotent-replayed'), null);
    const count = await countProfiles();
    await shared().restart();
    for (const options of [
      { form: { GenerateMatchingId: 'true' } },
      { form: { GenerateMatchingId: 'TRUE', Eid: '' } },
      { body: { GenerateMatchingId: true } },
      { body: { GenerateMatchingId: true, Unknown: 1 } },
    ]) {
      const repeat = await order('order-1', options);
      assert.equal(repeat.status, 201);
      assert.equal(repeat.headers.get('idempotent-replayed'), 'true');
      // Its URL has the base of the first response.
      assert.equal(repeat.text, first.text);
    }
    assert.equal(await countProfiles(), count);
  });

  test('a repeat gets the first response, also when ExpiresAt has come meanwhile', async () => {
    const { context } = shared().server;
    const { now } = context;
    const ExpiresAt = new Date(now().getTime() + 60_000).toISOString();
    const form = { GenerateMatchingId: 'true', ExpiresAt };
    const batch = (key: string) =>
      shared().request('/v1/ESimProfiles/Batches', {
        form: { ...form, Count: '1', ProfileType: 'none' },
        headers: { 'Idempotency-Key': key },
      });
    const first = [await order('expires', { form }), await batch('batch expires')];
    // Its order is placed later, and others are counted below.
    await eventually(async () => {
      const { json } = await shared().request(`/v1/ESimProfiles/Batches/${first[1]!.json.sid}`);
      return json.status === 'completed' || undefined;
    });
    context.now = () => new Date(now().getTime() + 120_000);
    try {
      const again = [await order('expires', { form }), await batch('batch expires')];
      assert.deepEqual(
        again.map(({ status, text }) => [status, text]),
        first.map(({ status, text }) => [status, text]),
      );
      const late = [await order('expires late', { form }), await batch('batch expires late')];
      assert.deepEqual(
        late.map(({ status }) => status),
        [400, 400],
      );
    } finally {
      context.now = now;
    }
  });

  test('422 when the parameters differ', async () => {
    await order('order-2');
    const { status, json } = await order('order-2', {
      form: { Eid: '89049032005008882600033489aaaaaa' },
    });
    assert.deepEqual([status, json.code], [422, 20422]);
  });

  test('of concurrent repeats one is processed, and all get its response', async () => {
    const count = await countProfiles();
    const answers = await Promise.all(Array.from({ length: 20 }, () => order('order-3')));
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(20).fill(201),
    );
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers.filter(({ headers }) => !headers.has('idempotent-replayed')).length, 1);
    assert.equal(await countProfiles(), count + 1);
  });

  test('of concurrent repeats among other orders, all get the same response', async () => {
    const keys = Array.from({ length: 10 }, (_, index) => `order-4-${index}`);
    const repeated = keys.flatMap((key) => [key, key]);
    const answers = await Promise.all(repeated.map((key) => order(key)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(20).fill(201),
    );
    for (const [index, key] of keys.entries()) {
      assert.equal(answers[2 * index]!.text, answers[2 * index + 1]!.text, key);
    }
  });

  test('belongs to one account, is not consumed by a refused request, and has at most 255 characters', async () => {
    const other = await shared().addAccount(0);
    const mine = await order('order-5');
    const theirs = await order('order-5', { form: { GenerateMatchingId: 'true' }, as: other });
    assert.notEqual(mine.json.sid, theirs.json.sid);

    assert.equal((await order('order-6', { form: {} })).status, 400);
    assert.equal((await order('order-6')).status, 201);

    const { status, json } = await order('x'.repeat(256));
    assert.deepEqual([status, json.code], [400, 20001]);
  });
});
