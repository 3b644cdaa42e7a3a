// `npm test`: all tests, or the given files and options of node --test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { testFiles } from './files.ts';

const given = process.argv.slice(2);
const namesFiles = given.some((argument) => !argument.startsWith('-'));
const entries = mkdtempSync(join(tmpdir(), 'simwright-entries-'));
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

const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-global-setup=${join(import.meta.dirname, 'global-setup.ts')}`,
    // The first must be loaded before node:test, which the second loads.
    ...['tracking.ts', 'time-limit.ts'].map(
      (name) => `--import=${join(import.meta.dirname, name)}`,
    ),
    // Many tests spend most of their time waiting: with one process more than cores, a quarter of the CPU was idle.
    `--test-concurrency=${availableParallelism() + 2}`,
    ...given,
    ...(namesFiles ? [] : writeEntries()),
  ],
  { stdio: 'inherit' },
);
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
