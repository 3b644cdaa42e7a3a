// Only one server uses an SQLite database; commands run beside it, and a dead one leaves no obstacles.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { lockForServer } from '../../src/store/server-lock.ts';
import { StoreInUse } from '../../src/store/errors.ts';
import { startServer } from '../../src/server.ts';
import { commandLine } from '../cli/command.ts';
import { startProcess } from '../process.ts';
import { startTestServer } from '../server.ts';

const ADVICE =
  'One server at a time can use an SQLite database: stop that one, or set SIMWRIGHT_DATA to another folder for ' +
  'this one. Commands can run beside a server';

const settings = (data: string) => ({
  SIMWRIGHT_DATA: data,
  SIMWRIGHT_PORT: '0',
  SIMWRIGHT_ES9_PORT: '0',
  SIMWRIGHT_METRICS_PORT: 'off',
  SIMWRIGHT_TEST_STOCK: '3',
  SIMWRIGHT_LOG_LEVEL: 'error',
});

describe('a second server on the same SQLite database', () => {
  test('is refused with the identity of the first; commands run beside it; after kill -9 it starts at once', async () => {
    await using simwright = await commandLine({ SIMWRIGHT_PORT: '0' });
    const { data } = simwright;
    const file = join(data, 'simwright.db');
    const first = await startProcess(settings(data));
    const ended = once(first.process, 'exit');
    const { since } = JSON.parse(await readFile(`${file}.server.json`, 'utf8'));
    assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    assert.deepEqual(await simwright.runAlone('start'), {
      code: 1,
      stdout: '',
      stderr:
        `simwright: Another server already uses ${file}: process ${first.process.pid} on ${hostname()}, ` +
        `started at ${since}, listening on ${first.url}. ${ADVICE}\n`,
    });
    const order = await simwright.json('profile', 'order', '--matching-id', '--wait');
    assert.equal(order.status, 'available');

    first.process.kill('SIGKILL');
    await ended;
    const next = await startProcess(settings(data));
    const stopped = once(next.process, 'exit');
    next.process.kill('SIGTERM');
    assert.deepEqual(await stopped, [0, null]);
    assert.ok(!(await readdir(data)).includes('simwright.db.server.json'));
  });

  test('is refused by any path to the file, before it has changed anything', async (context) => {
    await using server = await startTestServer();
    const folder = await mkdtemp(join(tmpdir(), 'simwright-link-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const { file } = server.config.database as { file: string };
    await symlink(file, join(folder, 'simwright.db'));
    const database = { kind: 'sqlite' as const, file: join(folder, 'simwright.db') };
    const { log } = server.server.context;
    await assert.rejects(
      startServer({ ...server.config, data: folder, database }, server.secrets, log),
      (error) => error instanceof StoreInUse && error.message.includes(`process ${process.pid} `),
    );
    assert.deepEqual(await readdir(folder), ['simwright.db']);
  });
});

describe('the lock of a server', () => {
  async function inFolder(work: (file: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-lock-'));
    try {
      await work(join(folder, 'test.db'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test('is not held by the name of a dead server, even if its process ID is reused', () =>
    inFolder(async (file) => {
      const left = { pid: process.pid, host: hostname(), since: '2026-11-23T12:00:00Z' };
      await writeFile(`${file}.server.json`, JSON.stringify(left));
      await writeFile(`${file}.lock`, '');
      const lock = await lockForServer(file, '2026-11-24T12:00:00Z');
      const name = JSON.parse(await readFile(`${file}.server.json`, 'utf8'));
      assert.deepEqual(name, { ...left, since: '2026-11-24T12:00:00Z' });
      lock.release();
    }));

  test('names no server if the file beside it names a dead process, or is invalid', () =>
    inFolder(async (file) => {
      const lock = await lockForServer(file, '2026-11-24T12:00:00Z');
      const dead = { pid: 2 ** 22 + 1, host: hostname(), since: '2026-11-23T12:00:00Z' };
      for (const text of [JSON.stringify(dead), '', 'null', '{"pid":']) {
        await writeFile(`${file}.server.json`, text);
        await assert.rejects(lockForServer(file, '2026-11-24T12:00:00Z'), {
          name: 'StoreInUse',
          message: `Another server already uses ${file}. ${ADVICE}`,
        });
      }
      lock.release();
    }));

  test('names a server that does not listen yet, and is free once released', () =>
    inFolder(async (file) => {
      const lock = await lockForServer(file, '2026-11-24T12:00:00Z');
      await assert.rejects(lockForServer(file, '2026-11-24T12:00:01Z'), {
        message:
          `Another server already uses ${file}: process ${process.pid} on ${hostname()}, ` +
          `started at 2026-11-24T12:00:00Z, not listening yet. ${ADVICE}`,
      });
      lock.release();
      lock.release();
      (await lockForServer(file, '2026-11-24T12:00:02Z')).release();
    }));

  test('is readable by its owner only, like the database', async (context) => {
    if (process.platform === 'win32') return context.skip('Windows has no modes');
    await inFolder(async (file) => {
      await using server = await startTestServer({ databaseUrl: `sqlite:${file}` });
      assert.deepEqual(server.config.database, { kind: 'sqlite', file });
      for (const name of [file, `${file}.lock`, `${file}.server.json`]) {
        assert.equal((await stat(name)).mode & 0o777, 0o600, name);
      }
    });
  });
});
