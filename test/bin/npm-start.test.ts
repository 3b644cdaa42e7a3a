// Stopping what the README starts (npm, npx, the launcher) stops the server. Tested with the real npm.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { isShellOurs } from '../../bin/when-abandoned.js';
import { SETTINGS } from '../../src/config.ts';
import { isListening } from '../is-listening.ts';
import { freePort } from '../postgres.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAUNCHER = join(ROOT, 'bin/simwright.js');
/** The launcher then takes the Node that npm has installed. */
const OLD = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } })`;
const LIMIT_MS = 60_000;

interface Started {
  child: ChildProcess;
  ports: number[];
}

/** Returns when both listeners answer. The process has its own group, which ends with the test. */
async function start(
  context: TestContext,
  command: string,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const data = await mkdtemp(join(tmpdir(), 'simwright-npm-'));
  const ports = [await freePort(), await freePort()];
  const env = Object.entries(process.env).filter(([name]) => !/^(SIMWRIGHT|npm)_/.test(name));
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...Object.fromEntries(env),
      // Overrides any .env file in the checkout.
      ...Object.fromEntries(SETTINGS.map(([name]) => [name, ''])),
      SIMWRIGHT_DATA: data,
      SIMWRIGHT_PORT: String(ports[0]),
      SIMWRIGHT_ES9_PORT: String(ports[1]),
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_TEST_STOCK: '0',
      SIMWRIGHT_LOG_LEVEL: 'silent',
      ...more,
    },
  });
  context.after(async () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await rm(data, { recursive: true, force: true });
  });
  let greeting = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    greeting += chunk as string;
    if (greeting.includes('listens on')) break;
  }
  child.stdout.resume();
  assert.deepEqual(await Promise.all(ports.map(isListening)), [true, true]);
  return { child, ports };
}

async function assertFreed(ports: number[]): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(50)) {
    if (!(await Promise.all(ports.map(isListening))).includes(true)) return;
  }
  assert.fail(`ports ${ports.join(', ')} are still listened on`);
}

const onWindows = process.platform === 'win32' && 'Windows knows no signals';

describe('a signal that ends', { skip: onWindows, concurrency: 2 }, () => {
  // Without prestart, which builds the console. npx does not forward SIGINT, by which dash does not end; on a
  // terminal, Ctrl-C reaches the server itself.
  const cases: [string, string, string[], ...NodeJS.Signals[]][] = [
    ['npm start', 'npm', ['start', '--ignore-scripts'], 'SIGTERM', 'SIGINT'],
    ['npx simwright start', 'npx', ['--no', 'simwright', 'start'], 'SIGTERM'],
    [
      'the launcher',
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(OLD)}`, LAUNCHER, 'start'],
      'SIGINT',
      'SIGKILL',
    ],
  ];
  for (const [name, command, args, ...signals] of cases) {
    for (const signal of signals) {
      test(`${name} by ${signal} ends the server, and both ports are free`, async (context) => {
        const { child, ports } = await start(context, command, args);
        child.kill(signal);
        await assertFreed(ports);
      });
    }
  }

  test('a shell that put the server into the background leaves it running', async (context) => {
    const args = ['-c', `"${process.execPath}" "${LAUNCHER}" start &`];
    const more = { npm_lifecycle_script: 'simwright start &' };
    const { child, ports } = await start(context, 'sh', args, more);
    if (child.exitCode === null) await once(child, 'exit');
    // Three times as long as the launcher needs to notice that its parent is gone.
    await sleep(1_000);
    assert.deepEqual(await Promise.all(ports.map(isListening)), [true, true]);
  });
});

test("npm's shell is ours if it has nothing else to do", () => {
  const ours = [
    'node bin/simwright.js start',
    'simwright start',
    "'simwright'",
    'SIMWRIGHT_PORT=8080 simwright start --x > simwright.log 2>&1',
  ];
  const others = [
    undefined,
    '',
    'simwright start &',
    'simwright start & vite',
    'simwright start; echo',
    'simwright start | tee log',
    '(simwright start)',
    'supervise simwright start',
    'simwrights start',
    'vite',
  ];
  assert.deepEqual(
    ours.filter((script) => !isShellOurs(script)),
    [],
  );
  assert.deepEqual(
    others.filter((script) => isShellOurs(script)),
    [],
  );
});
