// The time on SQLite, across restarts on a machine whose clock was set back.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readConfig } from '../../src/config.ts';
import type { Data } from '../../src/data.ts';
import { openData } from '../../src/data.ts';
import { keepTime, timeSinceKept } from '../../src/process/kept-time.ts';
import { sidAt } from '../../src/values/sid.ts';

const HOUR = 60 * 60 * 1_000;

async function opener(context: TestContext): Promise<(() => Promise<Data>) & { file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-time-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { config, secrets } = readConfig({ SIMWRIGHT_DATA: folder });
  const { file } = config.database as { file: string };
  return Object.assign(() => openData(config, secrets), { file });
}

test('goes on from where it was, although nothing was recorded and the clock is an hour behind', async (context) => {
  const open = await opener(context);
  const { store, transact } = await open();
  store.clock.notBefore(new Date(Date.now() + HOUR));
  await store.clock.compare();
  await keepTime(store, transact);
  const before = store.now();
  await store.close();

  const again = await open();
  context.after(() => again.store.close());
  const gone = again.store.now().getTime() - before.getTime();
  assert.ok(gone >= 0 && gone < HOUR / 2, `${gone} ms`);
});

test('goes on at half speed while no server runs, and stands still if the clock is set back again', async (context) => {
  const open = await opener(context);
  const { store, transact } = await open();
  context.after(() => store.close());
  store.clock.notBefore(new Date(Date.now() + HOUR));
  await store.clock.compare();
  await keepTime(store, transact);
  const kept = await timeSinceKept(store, () => 0);
  assert.ok(kept !== undefined);
  const machine = kept.getTime() + store.clock.aheadMs;
  assert.deepEqual(await timeSinceKept(store, () => machine), kept);
  const later = await timeSinceKept(store, () => machine + HOUR);
  assert.equal(later?.getTime(), kept.getTime() + HOUR / 2);
});

test('is not written down while the clock is right', async (context) => {
  const open = await opener(context);
  const { store, transact } = await open();
  context.after(() => store.close());
  await store.clock.compare();
  await keepTime(store, transact);
  assert.equal(await timeSinceKept(store, Date.now), undefined);
});

const RECORDS = {
  'an entry of the audit log': (sid: string) =>
    `insert into audit_entries (account_sid, sid, operation, actor, entry, mac) values ('', '${sid}', '', '', '{}', '')`,
  'an event of an eUICC': (sid: string) =>
    `insert into euicc_events (account_sid, sid, euicc_sid, eid, status, date_created)
      select sid, '${sid}', 'EU', '', 'registered', '' from accounts`,
  'an event of an eSIM Profile': (sid: string) =>
    `insert into esim_profile_events (account_sid, sid, esim_profile_sid, type, status, cause, date_created)
      select sid, '${sid}', 'HP', 'note', 'new', '', '' from accounts`,
};
for (const [what, insert] of Object.entries(RECORDS)) {
  test(`goes on after ${what} from before the clock was set back, and so does what is in the order of SIDs`, async (context) => {
    const open = await opener(context);
    await (await open()).store.close();
    const sid = sidAt('event', new Date(Date.now() + HOUR / 2));
    using database = new DatabaseSync(open.file);
    database.exec(
      `insert into accounts (sid, auth_token, friendly_name, date_created) values ('AC', '', '', '')`,
    );
    database.exec(insert(sid));
    const { store, sids } = await open();
    context.after(() => store.close());
    assert.ok(store.now().getTime() >= Number.parseInt(sid.slice(2, 14), 16));
    assert.ok(sids.next('event', new Date()).slice(2) > sid.slice(2));
  });
}
