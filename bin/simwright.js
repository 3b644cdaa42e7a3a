#!/usr/bin/env node
// Starts the command line on a Node that can run it: the one at hand when it is new enough,
// otherwise the one that npm installed beside us. Plain JavaScript, so that any Node can read it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED = { major: 24, minor: 12 };
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor)) {
  const checkout = join(root, 'src/main.ts');
  const main = existsSync(checkout) ? checkout : join(root, 'dist/main.js');
  await import(pathToFileURL(main).href);
} else {
  const node = findNode();
  if (node === undefined) {
    console.error(
      `simwright needs Node ${NEEDED.major}.${NEEDED.minor} or newer. This is ${process.version}, and the ` +
        'package that brings a newer one is not installed.\n' +
        'Install again without --omit=optional, or use a newer Node.',
    );
    process.exit(1);
  }
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

/** The Node binary that npm installed as an optional dependency of ours. */
function findNode() {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'win' : platform;
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node';
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `${prefix}-${system}-${arch}/package.json`,
    );
    return join(dirname(manifest), 'bin', platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
}
