// The flags of a server's Node are the same wherever one is started.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NODE_FLAGS } from '../../bin/node-flags.js';

const root = join(import.meta.dirname, '../..');
const inOne = NODE_FLAGS.join(' ');

for (const [file, flags] of [
  ['package.json', `"start": "exec node ${inOne} bin/simwright.js start"`],
  ['package.json', `"demo": "exec node ${inOne} bin/simwright.js demo"`],
  ['deploy/systemd/simwright.service', `node ${inOne} bin/simwright.js start`],
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
