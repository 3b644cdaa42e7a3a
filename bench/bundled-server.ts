// The server under test, bundled like what the package runs.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle } from '../bin/bundle.js';

const PROJECT = resolve(import.meta.dirname, '..');
/** What it looks for beside itself. */
const FOUND_BESIDE = ['package.json', 'node_modules', 'dist/console'];

let bundled: Promise<string> | undefined;

/** @returns its file, which is there until this process exits */
export function bundledServer(): Promise<string> {
  return (bundled ??= bundleServer());
}

async function bundleServer(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-bench-server-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const target = join(folder, 'dist');
  mkdirSync(target);
  for (const path of FOUND_BESIDE) symlinkSync(join(PROJECT, path), join(folder, path));
  await bundle({ server: join(import.meta.dirname, 'server.ts') }, target);
  return join(target, 'server.js');
}
