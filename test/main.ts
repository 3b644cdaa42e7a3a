// `npm test`: all tests, or the given files and options of node --test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const given = process.argv.slice(2);
const namesFiles = given.some((argument) => !argument.startsWith('-'));
const child = spawn(
  process.execPath,
  [
    '--test',
    `--test-global-setup=${join(import.meta.dirname, 'global-setup.ts')}`,
    // Many tests spend most of their time waiting.
    `--import=${join(import.meta.dirname, 'time-limit.ts')}`,
    `--test-concurrency=${availableParallelism() + 1}`,
    ...given,
    ...(namesFiles ? [] : ['test/**/*.test.ts']),
  ],
  { stdio: 'inherit' },
);
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
