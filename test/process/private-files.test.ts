// What a power cut leaves of new folders and of the master key.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { loadMasterKey, whyNotOurs } from '../../src/process/key-file.ts';
import { makeFolder } from '../../src/process/private-files.ts';

const skip = process.platform !== 'linux' && 'only Linux tells which file a descriptor is';

/** Calls `work`. @returns what it synced, and the names that it created, in order, relative to `folder` */
function diskWork(folder: string, context: TestContext, work: () => void): string[] {
  const seen: string[] = [];
  const { fsyncSync, mkdirSync, linkSync } = fs;
  const named = (path: string) => path.replace(folder, '.');
  const mocks = [
    mock.method(fs, 'fsyncSync', (handle: number) => {
      seen.push(`sync ${named(fs.readlinkSync(`/proc/self/fd/${handle}`))}`);
      fsyncSync(handle);
    }),
    mock.method(fs, 'mkdirSync', (path: string, mode: number) => {
      mkdirSync(path, mode);
      seen.push(`mkdir ${named(path)}`);
    }),
    mock.method(fs, 'linkSync', (from: string, to: string) => {
      linkSync(from, to);
      seen.push(`link ${named(to)}`);
    }),
  ];
  context.after(() => {
    for (const one of mocks) one.mock.restore();
    syncBuiltinESMExports();
  });
  syncBuiltinESMExports();
  work();
  return seen;
}

async function newFolder(context: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'simwright-files-')));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test(
  'the name of a new folder is on disk before anything is put into it',
  { skip },
  async (context) => {
    const folder = await newFolder(context);
    const seen = diskWork(folder, context, () => makeFolder(join(folder, 'srv/data')));
    assert.deepEqual(seen.slice(1), ['mkdir ./srv', 'sync .', 'mkdir ./srv/data', 'sync ./srv']);
  },
);

test(
  'a new master key is on disk before it seals anything: its folder, itself and its name',
  { skip },
  async (context) => {
    const folder = await newFolder(context);
    const file = join(folder, 'data/master.key');
    const seen = diskWork(folder, context, () => void loadMasterKey(file));
    const draft = seen.find((one) => one.startsWith('sync ./data/master.key.'));
    assert.deepEqual(seen.slice(1), [
      'mkdir ./data',
      'sync .',
      draft,
      'link ./data/master.key',
      'sync ./data',
    ]);
  },
);

test(
  'names left by a process that died before they were on disk are synced by the next',
  { skip },
  async (context) => {
    const folder = await newFolder(context);
    const file = join(folder, 'data/master.key');
    await mkdir(join(folder, 'data'));
    fs.writeFileSync(file, 'ab'.repeat(32));
    const seen = diskWork(folder, context, () => void loadMasterKey(file));
    assert.deepEqual(seen, ['sync .', 'sync ./data']);
  },
);

const mayMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

test(
  'a master key that is mounted by itself, as single files of containers are, is not ours to change',
  { skip: !mayMount && 'this user may not mount here' },
  async (context) => {
    const file = join(await newFolder(context), 'master.key');
    loadMasterKey(file);
    assert.equal(whyNotOurs(file), undefined);
    const module = JSON.stringify(join(import.meta.dirname, '../../src/process/key-file.ts'));
    const code = `console.log((await import(${module})).whyNotOurs(${JSON.stringify(file)}))`;
    const inside = ['-c', 'mount --bind "$0" "$0" && exec "$@"', file, process.execPath];
    const words = ['-rm', 'sh', ...inside, '--input-type=module', '-e', code];
    const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
    assert.equal(stdout, 'it is mounted by itself, so it cannot be replaced\n', stderr);
    assert.deepEqual(fs.readdirSync(dirname(file)), ['master.key']);
  },
);
