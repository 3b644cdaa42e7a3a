// Runs the commands of docs/operators.md against the real server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { commandLine } from '../cli/command.ts';
import { startTestServer } from '../server.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/operators.md'), 'utf8');
const [, script] = /<!-- run by [^>]*-->\s*```sh\n([\s\S]*?)```/.exec(page)!;
const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('docs/operators.md: the calls with curl succeed', { skip: !hasCurl }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-operators-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await using server = await startTestServer({ stock: 1, env: { SIMWRIGHT_ES2_PORT: '0' } });
  const simwright = await commandLine(
    { SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443' },
    server.config.data,
  );
  await simwright.print('operator', 'create', '--output', join(folder, 'operator'));
  const { port } = new URL(server.server.es2Url!);
  const lines = script!.replace('localhost:8444', `localhost:${port}`);
  const { stdout } = await promisify(execFile)('bash', ['-ec', lines], { cwd: folder });
  const answers = stdout
    .replaceAll('}{', '}\n{')
    .split('\n')
    .map((line) => JSON.parse(line));
  const success = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
  assert.deepEqual(answers, [
    { ...success, matchingId: 'MNO-0001', smdpAddress: 'localhost:8443' },
    success,
    success,
  ]);
});
