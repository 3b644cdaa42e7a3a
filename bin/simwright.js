#!/usr/bin/env node
// Starts the command line on a suitable Node: the current one, or the one that npm installed with us. Plain
// JavaScript, so that any Node can read it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chooseNode } from './choose-node.js';
import { NODE_ENVIRONMENT, NODE_FLAGS } from './node-flags.js';
import { launchedByUs, whenAbandoned } from './when-abandoned.js';

/** Commands that connect to others over TLS, or make the server do so. */
const CONNECTING = ['start', 'device', 'demo'];
/** Commands that are servers. */
const SERVING = ['start', 'demo'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isServer = SERVING.includes(process.argv[2] ?? '');
const packageName = nodePackage();
const brought = findNode();
const choice = chooseNode(process.versions.node, brought?.version, offeredVersion());

if ('refusal' in choice) {
  console.error(choice.refusal);
  process.exit(1);
} else if (choice.use === 'brought' && brought !== undefined) {
  runOn(brought.file);
} else {
  if (choice.warning !== undefined && CONNECTING.includes(process.argv[2] ?? '')) {
    console.error(choice.warning);
  }
  // Set before anything uses a thread: a server resolves many receivers' names, and some lookups never finish.
  if (isServer) process.env.UV_THREADPOOL_SIZE ??= '64';
  whenAbandoned(() => process.kill(process.pid, 'SIGTERM'));
  // Half of a command's time is compiling. The cache is stored with our code, so only those who can change that can write to it.
  module.enableCompileCache?.(join(root, 'node_modules/.cache/simwright'));
  const checkout = join(root, 'src/main.ts');
  const main = existsSync(checkout) ? checkout : join(root, 'dist/main.js');
  await import(pathToFileURL(main).href);
}

/** @param {string} node its executable */
function runOn(node) {
  const self = fileURLToPath(import.meta.url);
  const env = { ...(isServer ? NODE_ENVIRONMENT : {}), ...process.env, ...launchedByUs() };
  const args = [...(isServer ? NODE_FLAGS : []), self, ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  whenAbandoned(() => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

/** The name of our optional dependency that contains Node for this platform. */
function nodePackage() {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'win' : platform;
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${system}-${arch}`;
}

/**
 * The installed package, if there is one.
 * @returns {{ file: string, version: string } | undefined}
 */
function findNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    const { version } = readManifest(manifest);
    const name = process.platform === 'win32' ? 'node.exe' : 'node';
    return { file: join(dirname(manifest), 'bin', name), version };
  } catch {
    return undefined;
  }
}

/**
 * The version that npm installs here, unless told to omit it.
 * @returns {string | undefined}
 */
function offeredVersion() {
  return readManifest(join(root, 'package.json')).optionalDependencies?.[packageName];
}

/**
 * @param {string} file
 * @returns {{ version: string, optionalDependencies?: Record<string, string> }}
 */
function readManifest(file) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  return /** @type {ReturnType<typeof readManifest>} */ (manifest);
}
