import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

/** Runs a test file as `npm test` does. @returns which tests it says were begun, of processes that ended before their tests */
function begunIn(body: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-early-end-'));
  const running = mkdtempSync(join(folder, 'running-'));
  const file = join(folder, 'one.test.mjs');
  writeFileSync(file, `import { test } from 'node:test';\ntest('first', () => {});\n${body}\n`);
  const env: NodeJS.ProcessEnv = { ...process.env, TEST_RUNNING: running };
  delete env['NODE_TEST_CONTEXT'];
  spawnSync(
    process.execPath,
    ['--test', `--import=${join(import.meta.dirname, 'early-end.ts')}`, file],
    { env },
  );
  return readdirSync(running).map((name) => readFileSync(join(running, name), 'utf8'));
}

describe('a process of tests that ends before its tests', () => {
  for (const [how, body] of [
    ['by process.exit(0)', 'process.exit(0)'],
    ['by SIGKILL', `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})`],
  ]) {
    test(`${how} leaves behind the name of its test, by which npm test fails`, () => {
      assert.deepEqual(begunIn(`test('second', async () => { ${body}; });`), ['second']);
    });
  }

  test('there is none when all of them have ended, also if one has failed', () => {
    assert.deepEqual(begunIn(`test('second', () => { throw new Error('no'); });`), []);
  });
});
