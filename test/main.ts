// `npm test`: all tests, or the given files and options of node --test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { testFiles } from './files.ts';

const given = process.argv.slice(2);
const namesFiles = given.some((argument) => !argument.startsWith('-'));
const entries = mkdtempSync(join(tmpdir(), 'simwright-entries-'));
const [running, uncaught] = [join(entries, 'running'), join(entries, 'uncaught')];
for (const folder of [running, uncaught]) mkdirSync(folder);
process.once('exit', () => rmSync(entries, { recursive: true, force: true }));

/** A file for each process, which names the tests that it runs. The files run in the order of their names. */
function writeEntries(): string[] {
  const group = pathToFileURL(join(import.meta.dirname, 'group.ts')).href;
  return testFiles().map((files, index) => {
    const entry = join(entries, `${String(index).padStart(3, '0')}.test.mjs`);
    const urls = files.map((file) => pathToFileURL(file).href);
    const lines = [
      `import { group } from ${JSON.stringify(group)};`,
      `await group(${JSON.stringify(urls)});`,
    ];
    writeFileSync(entry, `${lines.join('\n')}\n`);
    return entry;
  });
}

const contentsOf = (folder: string) =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-global-setup=${join(import.meta.dirname, 'global-setup.ts')}`,
    // The first must be loaded before node:test, which the second loads.
    ...['tracking.ts', 'early-end.ts'].map((name) => `--import=${join(import.meta.dirname, name)}`),
    // Many tests spend most of their time waiting: with one process more than cores, a quarter of the CPU was idle.
    `--test-concurrency=${availableParallelism() + 3}`,
    ...given,
    ...(namesFiles ? [] : writeEntries()),
  ],
  { stdio: 'inherit', env: { ...process.env, TEST_RUNNING: running, TEST_UNCAUGHT: uncaught } },
);
const [code] = (await once(child, 'exit')) as [number | null];
for (const what of contentsOf(uncaught)) console.error(what);
const endedEarly = contentsOf(running);
for (const test of endedEarly) {
  console.error(`A process ended before its tests, in this one or one before it: ${test}`);
}
process.exitCode = code === 0 && endedEarly.length > 0 ? 1 : (code ?? 1);
