// Progress of long work: a bar on a terminal, elsewhere a line from time to time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressBar } from '../../src/cli/progress.ts';

function stream(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) > 0 };
}

test('a terminal shows a bar that fits, updated at most ten times a second, and removed at the end', () => {
  let now = 1_000_000;
  const terminal = stream(true, 60);
  {
    using bar = progressBar(terminal, () => now);
    bar.show('Importing', 0.25, 1_234_567);
    bar.show('Importing', 0.3, 1_300_000);
    now += 100;
    bar.show('Importing', 1, 5_000_000);
  }
  const full = '#'.repeat(26);
  assert.deepEqual(terminal.written, [
    `\r\u001B[KImporting [${'#'.repeat(7)}${'-'.repeat(19)}]  25 %  1,234,567`,
    `\r\u001B[KImporting [${full}] 100 %  5,000,000`,
    '\r\u001B[K',
  ]);
  for (const line of terminal.written) assert.ok(line.length - '\r\u001B[K'.length < 60);
});

test('a log has a line every ten seconds, and none for shorter work', () => {
  let now = 1_000_000;
  const log = stream(false);
  {
    using bar = progressBar(log, () => now);
    bar.show('Checking ', 0.01, 100);
    now += 10_000;
    bar.show('Checking ', 0.5, 400_000);
    now += 9_999;
    bar.show('Checking ', 0.9, 700_000);
    now += 1;
    bar.show('Importing', 0.1, 80_000);
  }
  assert.deepEqual(log.written, ['Checking: 50 %, 400,000\n', 'Importing: 10 %, 80,000\n']);
});
