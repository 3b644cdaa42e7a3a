// SQLite's log when writes to disk fail.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { NoParamCallback } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { StoreUnavailable } from '../../src/store/errors.ts';

/** The number of following calls that fail, as with a full or broken disk. */
let failing = 0;
const { fdatasync } = fs;
const replaced = mock.method(fs, 'fdatasync', (handle: number, callback: NoParamCallback) => {
  if (failing === 0) return fdatasync(handle, callback);
  failing--;
  callback(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
});
syncBuiltinESMExports();
after(() => {
  replaced.mock.restore();
  syncBuiltinESMExports();
});
const { openStore } = await import('../../src/store/open.ts');
const { startServer } = await import('../../src/server.ts');
const { startTestServer } = await import('../server.ts');

/** Opens a store in a new folder until the test ends. */
async function openNew(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-log-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'test.db');
  const store = await openStore({ kind: 'sqlite', file });
  context.after(() => store.close());
  const write = (name: string) =>
    store.transaction((tables) => tables.settings.insert(name, 'value'));
  return { folder, file, store, write };
}

/** How many commits a log has: the frames that say how large the database is then (https://sqlite.org/fileformat2.html#walformat). */
async function countCommits(file: string): Promise<number> {
  const log = await readFile(`${file}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  const frames = Array.from({ length: Math.floor((log.length - 32) / frame) }, (_, at) => at);
  return frames.filter((at) => log.readUInt32BE(32 + at * frame + 4) > 0).length;
}

test('transactions share a commit as long as each turn of the event loop brings one', async (context) => {
  const { file, store, write } = await openNew(context);
  await write('before');
  const before = await countCommits(file);

  const written: Promise<unknown>[] = [];
  for (let turn = 0; turn < 5; turn++) {
    written.push(write(`turn ${turn}`));
    await nextTurn();
  }
  await Promise.all(written);

  assert.equal((await countCommits(file)) - before, 1);
  assert.equal(await store.settings.find('turn 4'), 'value');
});

test('after a failed write, nothing is read that a power cut would lose', async (context) => {
  const { folder, file, store, write } = await openNew(context);

  failing = 2;
  await assert.rejects(write('committed'), StoreUnavailable);
  await assert.rejects(store.settings.find('committed'), StoreUnavailable);
  assert.equal(await store.settings.find('committed'), 'value');

  const copy = join(folder, 'copy.db');
  await copyFile(file, copy);
  using database = new DatabaseSync(copy);
  const left = database.prepare("select value from settings where name = 'committed'").get();
  assert.equal(left?.['value'], 'value', 'in the file, which was synced');
});

test('after a failed write, nothing confirmed depends on a log that may have a gap', async (context) => {
  const { folder, file, store, write } = await openNew(context);

  await write('before');
  failing = 1;
  await assert.rejects(write('lost'), StoreUnavailable);
  await write('after');

  // Even without the log, the file has everything committed before the gap was closed.
  const copy = join(folder, 'copy.db');
  await copyFile(file, copy);
  const database = new DatabaseSync(copy);
  const names = database.prepare('select name from settings order by name').all();
  database.close();
  assert.deepEqual(
    names.map(({ name }) => name).filter((name) => name === 'before' || name === 'lost'),
    ['before', 'lost'],
  );
  assert.equal(await store.settings.find('after'), 'value');
});

test('while the log cannot be renewed, nothing is written; then the store continues', async (context) => {
  const { file, store, write } = await openNew(context);
  const other = new DatabaseSync(file, { readOnly: true });
  context.after(() => other.isOpen && other.close());

  other.exec('begin; select count(*) from settings');
  failing = 1;
  await assert.rejects(write('lost'), StoreUnavailable);
  await assert.rejects(write('refused'), StoreUnavailable);
  other.close();
  await write('after');
  assert.equal(await store.settings.find('refused'), undefined);
});

test('a process that starts with the log of one that died after a failed write confirms nothing that depends on it', async (context) => {
  const { folder, file, write } = await openNew(context);
  await write('before');
  failing = 1;
  await assert.rejects(write('lost'), StoreUnavailable);

  // The files as that process leaves them, and as the system shows them.
  const left = join(folder, 'left.db');
  for (const end of ['', '-wal']) await copyFile(`${file}${end}`, `${left}${end}`);
  const next = await openStore({ kind: 'sqlite', file: left });
  context.after(() => next.close());
  await next.transaction((tables) => tables.settings.insert('after', 'value'));

  const copy = join(folder, 'copy.db');
  await copyFile(left, copy);
  using database = new DatabaseSync(copy);
  const names = database.prepare('select name from settings order by name').all();
  assert.ok(names.some(({ name }) => name === 'before'));
  assert.ok(names.some(({ name }) => name === 'lost'));
});

test('a server that starts with the log of one that died after a failed write shows nothing that a power cut would lose', async (context) => {
  await using server = await startTestServer({ env: { SIMWRIGHT_MASTER_KEY: 'ab'.repeat(32) } });
  const { config, secrets } = server;
  const { transact } = server.server.context;
  failing = 1;
  const lost = transact(({ tables }) => tables.settings.insert('lost', 'value'));
  await assert.rejects(lost, StoreUnavailable);

  const folder = await mkdtemp(join(tmpdir(), 'simwright-log-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const left = join(folder, 'left.db');
  const { file } = config.database as { file: string };
  for (const end of ['', '-wal']) await copyFile(`${file}${end}`, `${left}${end}`);
  const database = { kind: 'sqlite', file: left } as const;
  await using next = await startServer({ ...config, database }, secrets, pino({ level: 'silent' }));
  assert.equal(await next.context.store.settings.find('lost'), 'value');

  const copy = join(folder, 'copy.db');
  await copyFile(left, copy);
  using onDisk = new DatabaseSync(copy);
  const found = onDisk.prepare("select value from settings where name = 'lost'").get();
  assert.equal(found?.['value'], 'value', 'in the file, which was synced');
});

test('a log that was found and that another process is reading does not hold up writing', async (context) => {
  const { folder, file, write } = await openNew(context);
  await write('before');
  const left = join(folder, 'left.db');
  for (const end of ['', '-wal']) await copyFile(`${file}${end}`, `${left}${end}`);
  using other = new DatabaseSync(left, { readOnly: true });
  other.exec('begin; select count(*) from settings');
  const next = await openStore({ kind: 'sqlite', file: left });
  context.after(() => next.close());
  await next.transaction((tables) => tables.settings.insert('after', 'value'));
  assert.equal(await next.settings.find('after'), 'value');
});

test('the log is beside the file that a symbolic link leads to', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-log-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'disk'));
  await writeFile(join(folder, 'disk/real.db'), '');
  await symlink(join(folder, 'disk/real.db'), join(folder, 'link.db'));
  const store = await openStore({ kind: 'sqlite', file: join(folder, 'link.db') });
  context.after(() => store.close());
  await store.transaction((tables) => tables.settings.insert('name', 'value'));
  assert.equal(await store.settings.find('name'), 'value');
});

test('a log that may have a gap is copied into the file only once all of it is on disk, nor when the store is closed', async (context) => {
  const { file, store, write } = await openNew(context);
  await write('before');
  const copied = await readFile(file);
  // The commit, then twice what is written again.
  failing = 3;
  for (const name of ['lost', 'refused', 'refused again']) {
    await assert.rejects(write(name), StoreUnavailable);
    assert.deepEqual(await readFile(file), copied);
  }
  failing = 1;
  await assert.rejects(write('and again'), StoreUnavailable);
  await store.close();
  assert.deepEqual(await readFile(file), copied);

  const next = await openStore({ kind: 'sqlite', file });
  context.after(() => next.close());
  assert.notDeepEqual(await readFile(file), copied);
  assert.equal(await next.settings.find('before'), 'value');
  assert.equal(await next.settings.find('refused'), undefined);
});
