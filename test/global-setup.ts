// Shared by all test files of a run: one PostgreSQL, with separate databases per file, databases that have their tables
// already, the code compiled once, the server built for those that run as processes of their own, and a folder for
// temporary data.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/store/open.ts';
import type { Postgres } from './postgres.ts';
import { freshDatabase, startPostgres } from './postgres.ts';

/** Memory, where Linux gives it as files: nothing waits for a disk. */
const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4 * 1024 ** 3;

let postgres: Postgres | undefined;
let folder: string | undefined;

function placeForFiles(): string {
  if (process.env['TMPDIR'] !== undefined) return tmpdir();
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

function removeFolder(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

export async function globalSetup(): Promise<void> {
  process.env['NODE_COMPILE_CACHE'] ??= join(
    import.meta.dirname,
    '../node_modules/.cache/simwright',
  );
  execFileSync(process.execPath, [
    join(import.meta.dirname, '../bin/build-server.js'),
    '--if-newer',
  ]);
  process.env['TEST_MAIN'] = join(import.meta.dirname, '../dist/main.js');
  folder = mkdtempSync(join(placeForFiles(), 'simwright-tests-'));
  // The database server runs as another user.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  const file = join(folder, 'template.db');
  await (await openStore({ kind: 'sqlite', file })).close();
  process.env['TEST_SQLITE_TEMPLATE'] = file;
  postgres = await startPostgres();
  process.once('exit', removeFolder);
  if (postgres === undefined) return;
  const template = await freshDatabase(postgres.url);
  await (await openStore({ kind: 'postgres', url: template })).close();
  process.env['TEST_DATABASE_URL'] = postgres.url;
  process.env['TEST_DATABASE_TEMPLATE'] = new URL(template).pathname.slice(1);
}

export async function globalTeardown(): Promise<void> {
  await postgres?.stop();
  removeFolder();
}
