// `simwright completion`: how the shells themselves evaluate the scripts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bashCompletion } from '../../src/cli/completion-bash.ts';
import { fishCompletion } from '../../src/cli/completion-fish.ts';
import { completionTree } from '../../src/cli/completion-tree.ts';
import { zshCompletion } from '../../src/cli/completion-zsh.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { commandLine } from './command.ts';

const tree = completionTree(buildProgram());
const scripts = {
  bash: bashCompletion(tree),
  zsh: zshCompletion(tree),
  fish: fishCompletion(tree),
};

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simwright-completion-'));
  await mkdir(join(folder, 'some folder'));
  await writeFile(join(folder, 'stock 1.csv'), '');
  await writeFile(join(folder, 'stock2.csv'), '');
});
after(() => rm(folder, { recursive: true }));

/** Runs a shell script in the folder. @returns its output, or undefined if the shell is not installed */
function shell(name: string, args: string[]): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    cwd: folder,
    encoding: 'utf8',
    // Without it, bash takes a socket for a remote shell, and reads the settings of the user.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder },
  });
  if (error !== undefined) return undefined;
  assert.deepEqual([status, stderr], [0, ''], `${name} ${args.join(' ')}`);
  return stdout;
}

const missing = (name: string) =>
  shell(name, ['-c', 'true']) === undefined && `${name} is not installed here`;

const CASES: [words: string[], expected: string[]][] = [
  [['prof'], ['profile']],
  [
    ['profile', 'q'],
    ['qr', 'qr-sheet', 'qr-zip'],
  ],
  [['profile', 'list', '--st'], ['--status']],
  [['profile', 'export', '--format', 'j'], ['jsonl']],
  [['profile', 'export', '--sp'], ['--spreadsheet']],
  [['profile', 'list', '--status', 're'], ['reserving']],
  [['profile', 'list', '--json', '--status', 'in'], ['installed']],
  [['stock', 'list', '--state', 'Av'], ['Available']],
  [['profile', 'order', '--conf'], ['--confirmation-code']],
  [['profile', 'order', '--callback-method', 'G'], ['GET']],
  [['completion', 'z'], ['zsh']],
  [
    ['stock', 'import', 'stock'],
    ['stock 1.csv', 'stock2.csv'],
  ],
  [['stock', 'import', '--packages', 's'], ['some folder']],
  [['profile', 'qr', 'HP', '--output', 'stock2'], ['stock2.csv']],
  [['key', 'create', '--name', 'dem'], []],
  [['key', 'create', '--name', 'list', '--re'], ['--read-only']],
];

describe('bash', { skip: missing('bash') }, () => {
  /** @param words the last one is being typed */
  function complete(words: string[]): string[] {
    const script =
      `${scripts.bash}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _simwright\n` +
      'printf "%s\\n" "${COMPREPLY[@]}"';
    const lines = shell('bash', ['-c', script, 'bash', 'simwright', ...words])!;
    return lines.split('\n').filter((line) => line !== '');
  }

  for (const [words, expected] of CASES) {
    test(`${words.join(' ')} → ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(complete(words).toSorted(), expected);
    });
  }

  test('an option and its value with = between', () => {
    assert.deepEqual(complete(['profile', 'list', '--status', '=', 'new']), ['new']);
    assert.ok(complete(['profile', 'list', '--status', '=']).includes('failed'));
  });

  /** By one shell. @param asked the words before, and the one that is being typed */
  function completeEach(asked: [words: string, typed: string][]): string[][] {
    const script = `${scripts.bash}
while (($#)); do
  COMP_WORDS=(simwright $1 "$2"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  _simwright; printf '%s\\n' "\${COMPREPLY[*]}"; shift 2
done`;
    const lines = shell('bash', ['-c', script, 'bash', ...asked.flat()])!.split('\n');
    return lines.slice(0, -1).map((line) => line.split(' ').filter((word) => word !== ''));
  }

  test('every command is offered, with every option', () => {
    const asked = tree.map(({ path }) => path.split(' ').slice(1).join(' '));
    const subcommands = completeEach(asked.map((words) => [words, '']));
    const flags = completeEach(asked.map((words) => [words, '--']));
    for (const [index, { path, commands, options }] of tree.entries()) {
      const names = commands.map(({ name }) => name);
      if (names.length > 0) assert.deepEqual(subcommands[index], names, path);
      assert.deepEqual(
        flags[index],
        options.map(({ flag }) => flag),
        path,
      );
    }
  });
});

describe('zsh', { skip: missing('zsh') }, () => {
  test('understands the script', async () => {
    const file = join(folder, '_simwright');
    await writeFile(file, scripts.zsh);
    assert.equal(shell('zsh', ['-n', file]), '');
  });
});

describe('fish', { skip: missing('fish') }, () => {
  for (const [words, expected] of CASES) {
    test(`${words.join(' ')} → ${expected.join(', ') || 'nothing'}`, async () => {
      const file = join(folder, 'simwright.fish');
      await writeFile(file, scripts.fish);
      const line = ['simwright', ...words].join(' ');
      const lines = shell('fish', ['-c', `source ${file}; complete -C '${line}'`])!;
      const found = lines.split('\n').map((one) => one.split('\t', 1)[0]!.replace(/\/$/, ''));
      assert.deepEqual(found.filter((one) => one !== '').toSorted(), expected);
    });
  }
});

test('the command prints the script of the named shell, and accepts no unknown shell', async () => {
  await using simwright = await commandLine();
  for (const [name, script] of Object.entries(scripts)) {
    assert.equal(await simwright.print('completion', name), script);
  }
  const { code, stderr } = await simwright.run('completion', 'tcsh');
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish\./);
});
