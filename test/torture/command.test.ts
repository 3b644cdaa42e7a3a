// Trials on the command line: one that could not be run, or was interrupted, does not pass for one that found nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

const MAIN = join(import.meta.dirname, '../../torture/main.ts');
const TROUBLE = 2;

async function start(context: TestContext, ...command: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-trial-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [MAIN, ...command], {
    env: { ...process.env, TMPDIR: folder },
    // As a terminal does: Ctrl-C goes to all processes of the group.
    detached: true,
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  return {
    folder,
    interrupt: () => process.kill(-child.pid!, 'SIGINT'),
    end: async () => {
      const [code] = (await once(child, 'exit')) as [number | null];
      const [stdout, stderr] = await output;
      return { code, stdout, stderr };
    },
  };
}

test('power cuts in a folder without a recording could not be tried', async (context) => {
  const { end } = await start(context, 'power-cuts', '--recording', import.meta.dirname);
  assert.deepEqual(await end(), {
    code: TROUBLE,
    stdout: '',
    stderr: `torture: expected the folder of a recording, with trace-1; got '${import.meta.dirname}'\n`,
  });
});

test('a simulation that is interrupted says how many seeds it ran, and leaves nothing behind', async (context) => {
  const command = ['simulation', '--seeds', '1-100000', '--processes', '1'];
  const { folder, interrupt, end } = await start(context, ...command);
  // The first database is being made.
  for await (const { filename } of watch(folder)) if (filename !== null) break;
  interrupt();
  const { code, stdout, stderr } = await end();
  assert.equal(code, TROUBLE, stderr);
  assert.match(stdout, /^simulation: interrupted after [1-9]\d{0,4} of 100000 seeds\n/);
  assert.deepEqual(await readdir(folder), []);
});
