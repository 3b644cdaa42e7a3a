// The programs under test, bundled like what the package runs.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle } from '../bin/bundle.js';

const PROJECT = resolve(import.meta.dirname, '..');
const PROGRAMS = {
  server: join(import.meta.dirname, 'server.ts'),
  main: join(PROJECT, 'src/main.ts'),
  worker: join(PROJECT, 'src/worker.ts'),
};
/** What they look for beside themselves. */
const FOUND_BESIDE = ['package.json', 'node_modules', 'dist/console'];

let bundled: Promise<string> | undefined;

/** @returns its file, which is there until this process exits */
export async function bundledProgram(name: keyof typeof PROGRAMS): Promise<string> {
  return join(await (bundled ??= bundlePrograms()), `${name}.js`);
}

async function bundlePrograms(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-bench-programs-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const target = join(folder, 'dist');
  mkdirSync(target);
  for (const path of FOUND_BESIDE) symlinkSync(join(PROJECT, path), join(folder, path));
  await bundle(PROGRAMS, target);
  return target;
}
