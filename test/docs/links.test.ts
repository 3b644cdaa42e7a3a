// Everything that the documents refer to exists: files, headings, commands with their options, settings.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { SETTINGS } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('{docs,examples,test/vectors}/**/*.md', { cwd: ROOT }),
];
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const withoutCode = (text: string) =>
  text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`]*`/g, '');

/** The anchors of a document, as GitHub derives them from its headings. */
function anchorsOf(file: string): Set<string> {
  const headings = read(file)
    .replaceAll(/^```.*?^```$/gms, '')
    .matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(headings, ([, title]) =>
      title!
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('every relative link and image', () => {
  for (const file of DOCUMENTS) {
    test(`of ${file}`, () => {
      const links = withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g);
      const broken = Array.from(links, ([, target]) => target!)
        .filter((target) => !/^[a-z]+:/i.test(target))
        .filter((target) => {
          const [path = '', anchor] = target.split('#');
          const to = path === '' ? file : join(dirname(file), path);
          if (!existsSync(join(ROOT, to))) return true;
          return anchor !== undefined && !anchorsOf(to).has(anchor);
        });
      assert.deepEqual(broken, []);
    });
  }
});

/** The command lines in a document, without comments, with continuation lines joined. */
function commandsOf(text: string, program: Command): string[][] {
  const names = program.commands.map((command) => command.name()).join('|');
  const shown = new RegExp(
    `(?:\\bnpx simwright |\`simwright (?=(?:${names})\\b))([^\`\\n|)#]*)`,
    'g',
  );
  const joined = text.replaceAll(/\\\n\s*/g, ' ');
  return Array.from(joined.matchAll(shown), ([, line]) => line!.trim().split(/\s+/));
}

/** @returns what is wrong with it */
function problemOf(words: string[], program: Command): string | undefined {
  let command = program;
  while (words.length > 0 && command.commands.length > 0 && !words[0]!.startsWith('-')) {
    const name = words.shift()!.replace(/[.,;:]$/, '');
    if (/^COMMAND|^…/.test(name)) return undefined;
    const found = command.commands.find((candidate) => candidate.name() === name);
    if (found === undefined) return `no command ${name} of ${command.name()}`;
    command = found;
  }
  for (const word of words) {
    if (word === '--' || word === '&&') return undefined;
    const option = /^(--?[a-z][a-z-]*)/.exec(word)?.[1];
    if (option === undefined || ['--help', '-h'].includes(option)) continue;
    const isThere = command.options.some(({ long, short }) => option === long || option === short);
    if (!isThere) return `no option ${option} of ${command.name()}`;
  }
  return undefined;
}

describe('every document', () => {
  test('names only existing commands and options', () => {
    const program = buildProgram();
    const commands = DOCUMENTS.flatMap((file) =>
      commandsOf(read(file), program).map((words) => ({ file, words })),
    );
    assert.ok(commands.length > 50);
    const problems = commands.flatMap(({ file, words }) => {
      const shown = words.join(' ');
      const problem = problemOf([...words], program);
      return problem === undefined ? [] : [`${file}: npx simwright ${shown}: ${problem}`];
    });
    assert.deepEqual(problems, []);
  });

  test('names only existing settings', () => {
    const settings = new Set<string>(SETTINGS.map(([name]) => name));
    const unknown = DOCUMENTS.flatMap((file) =>
      Array.from(read(file).matchAll(/SIMWRIGHT_[A-Z0-9_]*[A-Z0-9]/g), ([name]) => name)
        .filter((name) => !settings.has(name))
        .map((name) => `${file}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  test('can be reached from docs/README.md', () => {
    const index = read('docs/README.md');
    const missing = globSync('docs/*.md', { cwd: ROOT })
      .map((file) => file.replaceAll('\\', '/').replace('docs/', ''))
      .filter((file) => file !== 'README.md' && !index.includes(`](${file})`));
    assert.deepEqual(missing, []);
  });
});
