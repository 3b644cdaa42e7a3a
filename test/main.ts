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
    const [alone] = urls;
    const lines =
      urls.length === 1
        ? [`import ${JSON.stringify(alone)};`]
        : [`import { group } from ${JSON.stringify(group)};`, `group(${JSON.stringify(urls)});`];
    writeFileSync(entry, `${lines.join('\n')}\n`);
    return entry;
  });
}

const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-global-setup=${join(import.meta.dirname, 'global-setup.ts')}`,
    // Many tests spend most of their time waiting.
    `--import=${join(import.meta.dirname, 'time-limit.ts')}`,
    `--test-concurrency=${availableParallelism() + 1}`,
    ...given,
    ...(namesFiles ? [] : writeEntries()),
  ],
  { stdio: 'inherit' },
);
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
