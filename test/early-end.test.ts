import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

/**
 * Runs a test file as `npm test` does.
 * @returns which tests it says were begun, of processes that ended before their tests, and which errors nobody caught
 */
function toldBy(body: string): { begun: string[]; uncaught: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-early-end-'));
  const running = mkdtempSync(join(folder, 'running-'));
  const uncaught = mkdtempSync(join(folder, 'uncaught-'));
  const file = join(folder, 'one.test.mjs');
  const tracking = join(import.meta.dirname, 'tracking.ts');
  const earlyEnd = join(import.meta.dirname, 'early-end.ts');
  const lines = [
    `import { beforeEach, test } from 'node:test';`,
    `import { begins } from ${JSON.stringify(pathToFileURL(tracking).href)};`,
    'beforeEach((context) => begins(context.fullName));',
    `test('first', () => {});`,
    body,
  ];
  writeFileSync(file, lines.join('\n'));
  const env: NodeJS.ProcessEnv = { ...process.env, TEST_RUNNING: running, TEST_UNCAUGHT: uncaught };
  delete env['NODE_TEST_CONTEXT'];
  const imports = [tracking, earlyEnd].map((path) => `--import=${path}`);
  spawnSync(process.execPath, ['--test', ...imports, file], { env });
  const contentsOf = (of: string) =>
    readdirSync(of).map((name) => readFileSync(join(of, name), 'utf8'));
  return { begun: contentsOf(running), uncaught: contentsOf(uncaught) };
}

describe('a process of tests that ends before its tests', () => {
  for (const [how, body] of [
    ['by process.exit(0)', 'process.exit(0)'],
    ['by SIGKILL', `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})`],
  ]) {
    test(`${how} leaves behind the name of its test, by which npm test fails`, () => {
      assert.deepEqual(toldBy(`test('second', async () => { ${body}; });`).begun, ['second']);
    });
  }

  test('there is none when all of them have ended, also if one has failed', () => {
    const failing = `test('second', () => { throw new Error('no'); });`;
    assert.deepEqual(toldBy(failing), { begun: [], uncaught: [] });
  });
});

describe('an error of a test that nobody catches', () => {
  for (const [how, body] of [
    ['of a timer', `setTimeout(() => { throw new Error('late'); }, 1)`],
    ['of a promise', `Promise.reject(new Error('late'))`],
  ]) {
    test(`${how} is told at the end of npm test, with the name of the test`, () => {
      const waits = 'await new Promise((resolve) => setTimeout(resolve, 50))';
      const { begun, uncaught } = toldBy(`test('second', async () => { ${body}; ${waits}; });`);
      assert.deepEqual(begun, []);
      assert.equal(uncaught.length, 1);
      assert.match(
        uncaught[0]!,
        /^Not caught, in this test or one before it: second\nError: late\n {4}at /,
      );
    });
  }
});
