// One SQLite database used by several workers of a server, here as several stores.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { NoParamCallback } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import type { TestContext } from 'node:test';

/** While it is not undefined, syncs wait for it. */
let held: Promise<void> | undefined;
let syncs = 0;
const { fdatasync } = fs;
const replaced = mock.method(fs, 'fdatasync', (handle: number, callback: NoParamCallback) => {
  syncs++;
  void (held ?? Promise.resolve()).then(() => fdatasync(handle, callback));
});
syncBuiltinESMExports();
after(() => {
  replaced.mock.restore();
  syncBuiltinESMExports();
});
const { openStore } = await import('../../src/store/open.ts');
const { eventually } = await import('../server.ts');

/** Opens stores on one new database until the test ends. */
async function openWorkers(context: TestContext, count: number) {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-sharing-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'test.db');
  const stores = [];
  for (let n = 0; n < count; n++) {
    const store = await openStore({ kind: 'sqlite', file }, { isShared: true });
    context.after(() => store.close());
    stores.push(store);
  }
  return stores;
}

test('nothing that another worker has committed is read before it is on disk', async (context) => {
  const [one, other] = await openWorkers(context, 2);
  await one!.transaction((tables) => tables.settings.insert('name', 'before'));
  assert.equal(await other!.settings.find('name'), 'before');
  const before = syncs;
  const hold = Promise.withResolvers<void>();
  held = hold.promise;
  const writing = one!.transaction((tables) => tables.settings.set('name', 'after'));
  await eventually(() => (syncs > before ? true : undefined));
  let isRead = false;
  const reading = other!.settings.find('name').then((value) => {
    isRead = true;
    return value;
  });
  await eventually(() => (isRead || syncs >= before + 2 ? true : undefined));
  held = undefined;
  hold.resolve();
  assert.equal(isRead, false);
  assert.equal(await reading, 'after');
  await writing;
  const synced = syncs;
  assert.equal(await other!.settings.find('name'), 'after');
  assert.equal(syncs, synced, 'on disk by now');
});

test('time goes on from worker to worker, even if the clock of one is ahead', async (context) => {
  const [one, other] = await openWorkers(context, 2);
  const ahead = new Date(Date.now() + 60 * 60 * 1_000);
  one!.clock.notBefore(ahead);
  await one!.transaction((tables) => tables.settings.insert('one', 'value'));
  const now = await other!.transaction(async (tables) => {
    await tables.settings.insert('other', 'value');
    return tables.now();
  });
  assert.ok(now > ahead, `${now.toISOString()} is not after ${ahead.toISOString()}`);
});

test('a worker that never stops writing leaves turns to the others', async (context) => {
  const [busy, other] = await openWorkers(context, 2);
  const over = new AbortController();
  let turns = 0;
  // Always with another one waiting, so the database is hardly ever free.
  const writers = Array.from({ length: 4 }, async () => {
    while (!over.signal.aborted) {
      await busy!.transaction((tables) => tables.settings.set('busy', String(turns++)));
    }
  });
  await eventually(() => (turns >= 8 ? true : undefined));
  for (let n = 0; n < 5; n++) {
    await other!.transaction((tables) => tables.settings.insert(`other ${n}`, 'value'));
  }
  over.abort();
  await Promise.all(writers);
  assert.equal(await busy!.settings.find('other 4'), 'value');
});

test('what both add is all there, and each transaction sees what was there before it', async (context) => {
  const stores = await openWorkers(context, 2);
  const adding = stores.map(async (store) => {
    for (let n = 0; n < 25; n++) {
      await store.transaction(async (tables) => {
        const count = Number((await tables.settings.find('count')) ?? 0);
        await tables.settings.set('count', String(count + 1));
      });
    }
  });
  await Promise.all(adding);
  for (const store of stores) assert.equal(await store.settings.find('count'), '50');
});
