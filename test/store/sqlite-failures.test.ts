// An SQLite database that cannot be used: one line at the start; while the server runs, 503 and not ready, then
// automatic recovery once the cause is gone. The failures are real.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { commandLine } from '../cli/command.ts';
import { startProcess } from '../process.ts';
import { basic, eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const FORM = { GenerateMatchingId: 'true' };
const UNAVAILABLE = {
  code: 20503,
  message: 'Service Unavailable; try again',
  more_info: 'https://www.twilio.com/docs/errors/20503',
  status: 503,
};
const IO_ERROR =
  'The database cannot be used: disk I/O error; check the disk, its quota and the system log';
const FULL = 'The database cannot be used: its disk is full; free some space';
const DAMAGED =
  'The database cannot be used: the file is damaged; stop the server, keep a copy of the file and restore a backup';
const LOG_MOVED =
  'The log of the database was moved, removed or replaced while the server was running; run no other command, and restart the server';
const MOVED =
  'The database was moved, removed or replaced while the server was running; put it back, or restart the server';

/** Makes the database unusable, until the test ends. */
type Put = (file: string, context: TestContext) => Promise<unknown>;

describe('the start on an unusable database is refused in one line:', { concurrency: 4 }, () => {
  /** A database left by the server. */
  let made: Buffer;
  before(async () => {
    const server = await startTestServer({ stock: 200 });
    const { file } = server.config.database as { file: string };
    await server.server[Symbol.asyncDispose]();
    made = await readFile(file);
    await server[Symbol.asyncDispose]();
  });

  const CASES: Record<string, [put: Put, why: string]> = {
    'a file of something else': [
      (file) => writeFile(file, 'This is a text. '.repeat(512)),
      'it is not an SQLite database; restore a backup, or correct SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL (SQLite: "file is not a database", code 26)',
    ],
    'a database that was cut off': [
      (file) => writeFile(file, made.subarray(0, Math.floor(made.length / 2))),
      'the file is damaged; stop the server, keep a copy of the file and restore a backup (SQLite: "database disk image is malformed", code 11)',
    ],
    'a folder': [
      (file) => mkdir(file),
      'it cannot be opened; the user that runs the server needs read and write access to the file and its folder (SQLite: "unable to open database file", code 14)',
    ],
    // https://sqlite.org/fileformat.html#file_format_version_numbers: a program that does not support the version
    // may only read, even as root.
    'a read-only database': [
      (file) => {
        const newer = Buffer.from(made);
        newer[18] = 3;
        newer[19] = 1;
        return writeFile(file, newer);
      },
      'it is read-only; make the file and its folder writable for the user that runs the server (SQLite: "attempt to write a readonly database", code 8)',
    ],
    'a database that another program has locked': [
      async (file, context) => {
        await writeFile(file, made);
        const other = new DatabaseSync(file);
        other.exec('pragma locking_mode = exclusive; begin exclusive');
        context.after(() => other.close());
      },
      'another process has locked it; end that process, or wait for it (SQLite: "database is locked", code 5)',
    ],
  };
  for (const [name, [put, why]] of Object.entries(CASES)) {
    test(name, async (context) => {
      await using simwright = await commandLine({ SIMWRIGHT_PORT: '0' });
      const file = join(simwright.data, 'simwright.db');
      await put(file, context);
      assert.deepEqual(await simwright.run('start'), {
        code: 1,
        stdout: '',
        stderr: `simwright: The database ${file} cannot be used: ${why}\n`,
      });
    });
  }
});

test('a database that cannot grow refuses writes, keeps its data, and continues', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-full-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const backend = openSqlite(join(folder, 'test.db'));
  await backend.migrate({ '001-text': () => ['create table texts (text blob)'] });
  const run = (statement: string) =>
    backend.transaction((db) =>
      sql
        .raw(statement)
        .execute(db)
        .then(() => {}),
    );
  const count = async () => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from texts`.execute(
      backend.reader,
    );
    return rows[0]!.count;
  };
  await run('insert into texts values (zeroblob(1000))');
  // With this pragma on the writing connection, SQLite reports a full disk.
  await run('pragma max_page_count = 12');
  const many = () =>
    Promise.allSettled(
      Array.from({ length: 20 }, () => run('insert into texts values (zeroblob(30000))')),
    );
  for (const outcome of await many()) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailable);
    assert.equal(outcome.reason.brief, FULL);
  }
  assert.equal(await count(), 1);
  await run('pragma max_page_count = 10000');
  for (const outcome of await many()) assert.equal(outcome.status, 'fulfilled');
  assert.equal(await count(), 21);
  await backend.close();
});

// https://sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"
test('what a transaction writes after SQLite has rolled it back is not kept', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-rolled-back-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const backend = openSqlite(join(folder, 'test.db'));
  context.after(() => backend.close());
  await backend.migrate({ '001-text': () => ['create table texts (text blob)'] });
  await backend.transaction((db) => sql.raw('pragma max_page_count = 12').execute(db));
  const outcomes: PromiseSettledResult<unknown>[] = [];
  const both = backend.transaction(async (db) => {
    const insert = (size: number) => sql`insert into texts values (zeroblob(${size}))`.execute(db);
    outcomes.push(...(await Promise.allSettled([insert(200_000), insert(1)])));
  });
  await assert.rejects(both);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  const { rows } = await sql`select * from texts`.execute(backend.reader);
  assert.deepEqual(rows, []);
});

/** Sends a request to the server process. */
async function ask(node: { url: string }, path: string, init: RequestInit = {}) {
  const headers = { Authorization: basic(ACCOUNT) };
  const response = await fetch(`${node.url}${path}`, { ...init, headers });
  return {
    status: response.status,
    retryAfter: response.headers.get('Retry-After'),
    json: (await response.json()) as any,
  };
}

const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };
const order = (node: { url: string }) =>
  ask(node, '/v1/ESimProfiles', { method: 'POST', body: new URLSearchParams(FORM) });
const NOT_READY = { status: 503, retryAfter: '1' };

const env = (data: string) => ({
  SIMWRIGHT_DATA: data,
  SIMWRIGHT_PORT: '0',
  SIMWRIGHT_ES9_PORT: '0',
  SIMWRIGHT_METRICS_PORT: 'off',
  SIMWRIGHT_TEST_STOCK: '20',
  SIMWRIGHT_LOG_LEVEL: 'silent',
  SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
  SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
});

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
}

const unlessReady = (answer: Awaited<ReturnType<typeof ask>>) =>
  answer.status === 503 ? answer : undefined;

const fileOf = ({ config }: TestServer) => (config.database as { file: string }).file;

describe('while the server runs', () => {
  const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
  const ofFiles = { skip: !hasPrlimit && 'prlimit is not installed here' };
  test(
    'a disk that rejects writes is reported by 503 and /readyz; then the server continues',
    ofFiles,
    async (context) => {
      const data = await mkdtemp(join(tmpdir(), 'simwright-io-'));
      context.after(() => rm(data, { recursive: true, force: true }));
      const node = await startProcess(env(data));
      const { pid } = node.process;
      assert.equal((await order(node)).status, 201);
      assert.deepEqual((await ask(node, '/readyz')).json, { status: 'ready', database: 'sqlite' });

      // Writes beyond the system's file size limit fail.
      const { size } = await stat(join(data, 'simwright.db-wal'));
      execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${size}:unlimited`]);
      assert.deepEqual(await order(node), { ...NOT_READY, json: UNAVAILABLE });
      assert.deepEqual(await eventually(() => ask(node, '/readyz').then(unlessReady)), {
        ...NOT_READY,
        json: { status: 'not ready', database: 'sqlite', cause: IO_ERROR },
      });
      assert.equal((await ask(node, '/v1/ESimProfiles')).status, 200);
      assert.equal((await ask(node, '/healthz')).status, 200);

      execFileSync('prlimit', [`--pid=${pid}`, '--fsize=unlimited:unlimited']);
      assert.equal((await order(node)).status, 201);
      await eventually(() =>
        ask(node, '/readyz').then(({ status }) => status === 200 || undefined),
      );
      await stop(node.process);
    },
  );

  const mayMount =
    process.platform === 'linux' &&
    spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  const mounted = { skip: !mayMount && 'this user may not mount a file system of its own here' };
  test(
    'a full disk is reported as such; the server continues once there is space',
    mounted,
    async (context) => {
      const data = await mkdtemp(join(tmpdir(), 'simwright-full-'));
      context.after(() => rm(data, { recursive: true, force: true }));
      const node = await startProcess(env(data), (command) => [
        'unshare',
        '-rm',
        'sh',
        '-c',
        `mount -t tmpfs -o size=8m,mode=700 none "$0" && exec "$@"`,
        data,
        ...command,
      ]);
      const inside = `/proc/${node.process.pid}/root${data}`;
      const filler = await open(join(inside, 'filler'), 'w');
      const block = Buffer.alloc(4096);
      await assert.rejects(
        async () => {
          for (;;) await filler.write(block);
        },
        { code: 'ENOSPC' },
      );
      await filler.close();
      await eventually(async () => ((await order(node)).status === 503 ? true : undefined));
      assert.deepEqual((await order(node)).json, UNAVAILABLE);
      assert.deepEqual(await eventually(() => ask(node, '/readyz').then(unlessReady)), {
        ...NOT_READY,
        json: { status: 'not ready', database: 'sqlite', cause: FULL },
      });

      await rm(join(inside, 'filler'));
      assert.equal((await order(node)).status, 201);
      await eventually(() =>
        ask(node, '/readyz').then(({ status }) => status === 200 || undefined),
      );
      await stop(node.process);
    },
  );

  test('a damaged database is reported by 503, /readyz and the log, and the process stays alive', async () => {
    await using server = await startTestServer({ stock: 300, es9: true });
    for (let count = 0; count < 3; count++) {
      await Promise.all(Array.from({ length: 60 }, () => server.order(FORM)));
    }
    const file = fileOf(server);
    // Then everything is in the file, and nothing in memory.
    await server.server[Symbol.asyncDispose]();
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    await server.restart();
    for (let at = 8192 * 40; at < size; at += 8192) {
      await handle.write(Buffer.alloc(8192, 0xff), 0, 8192, at);
    }
    await handle.close();

    const list = await server.request('/v1/ESimProfiles?PageSize=1000');
    assert.deepEqual([list.status, list.headers.get('Retry-After')], [503, '1']);
    assert.deepEqual(list.json, UNAVAILABLE);
    const ready = await server.request('/readyz', { as: null });
    assert.deepEqual(ready.json, { status: 'not ready', database: 'sqlite', cause: DAMAGED });
    assert.match(server.logged.join(''), /"level":50.*the file is damaged/);
    assert.equal((await server.request('/healthz', { as: null })).status, 200);
  });

  test('a moved database accepts no writes that would be lost, and continues once it is back', async () => {
    await using server = await startTestServer();
    const file = fileOf(server);
    await rename(file, `${file}.away`);
    assert.equal((await server.request('/v1/ESimProfiles', { form: FORM })).status, 503);
    const { json } = await server.request('/readyz', { as: null });
    assert.deepEqual(json, { status: 'not ready', database: 'sqlite', cause: MOVED });
    await rename(`${file}.away`, file);
    const ordered = await server.order(FORM);
    assert.equal(ordered.status, 'available');
  });

  for (const [title, harm] of Object.entries({
    removed: (log: string) => rm(log),
    'moved away': (log: string) => rename(log, `${log}.away`),
    replaced: async (log: string) => {
      await rename(log, `${log}.away`);
      await writeFile(log, await readFile(`${log}.away`));
    },
  })) {
    test(`a log that was ${title} accepts no writes that a crash would lose, and a restart loses nothing`, async () => {
      await using server = await startTestServer();
      const { sid } = await server.order(FORM);
      await harm(`${fileOf(server)}-wal`);
      assert.equal((await server.request('/v1/ESimProfiles', { form: FORM })).status, 503);
      const { json } = await server.request('/readyz', { as: null });
      assert.deepEqual(json, { status: 'not ready', database: 'sqlite', cause: LOG_MOVED });
      await server.restart();
      assert.equal((await server.request(`/v1/ESimProfiles/${sid}`)).json.status, 'available');
      assert.equal((await server.order(FORM)).status, 'available');
    });
  }
});
