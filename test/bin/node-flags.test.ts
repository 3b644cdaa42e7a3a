// The flags and the environment of a server's Node are the same wherever one is started.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../../bin/node-flags.js';

const root = join(import.meta.dirname, '../..');
const inOne = NODE_FLAGS.join(' ');
const environment = Object.entries(NODE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
const before = environment.join(' ');

for (const [file, flags] of [
  ['package.json', `"start": "${before} exec node ${inOne} bin/simwright.js start"`],
  ['package.json', `"demo": "${before} exec node ${inOne} bin/simwright.js demo"`],
  ['deploy/systemd/simwright.service', `node ${inOne} bin/simwright.js start`],
  ...environment.map((one) => ['deploy/systemd/simwright.service', `Environment=${one}`] as const),
  ...environment.map((one) => ['deploy/Containerfile', `  ${one} \\\n`] as const),
  ['deploy/Containerfile', NODE_FLAGS.map((flag) => `"${flag}", `).join('')],
] as const) {
  test(`${file} has them: ${flags}`, () => {
    assert.ok(readFileSync(join(root, file), 'utf8').includes(flags));
  });
}

test('Node knows them', () => {
  const { status } = spawnSync(process.execPath, [...NODE_FLAGS, '--eval', '0']);
  assert.equal(status, 0);
});
