// The order in which test files run, and which of them share a process.
import { globSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Long ones, or those that test their process. The longest comes first, so that the others fill the time: together
 * they take about as long as that one.
 */
const ALONE = [
  'test/console/console.test.ts',
  'test/console/list.test.ts',
  'test/console/profile.test.ts',
  'test/es9plus/sessions.test.ts',
  'test/torture/storm.test.ts',
  'test/torture/simulation.test.ts',
  'test/verify/invariants.test.ts',
  'test/console/dashboard.test.ts',
  'test/console/callbacks.test.ts',
  'test/workers/start.test.ts',
  'test/operator/kill.test.ts',
  'test/webhook/deliver.test.ts',
  'test/torture/points.test.ts',
  'test/store/sqlite-failures.test.ts',
  'test/operator/clocks.test.ts',
  'test/api/streamEvent.test.ts',
  'test/process/listener-limits.test.ts',
  'test/store/postgres-failures.test.ts',
  'test/api/idempotency-kill.test.ts',
  'test/cli/start.test.ts',
  'test/bin/npm-start.test.ts',
  'test/workers/shared.test.ts',
  'test/store/write-ahead-log.test.ts',
  'test/store/sharing.test.ts',
];
/** A file that does not end, or ends its process, then affects only few others. */
const MOST = 16;

/** All test files, as relative paths: those of one entry run in one process. */
export function testFiles(): string[][] {
  const found = globSync('test/**/*.test.ts').map((file) => file.replaceAll('\\', '/'));
  const rest = found.filter((file) => !ALONE.includes(file)).toSorted();
  const rooms = Object.values(Object.groupBy(rest, dirname)) as string[][];
  const shared = rooms.flatMap((files) => {
    const count = Math.ceil(files.length / MOST);
    return Array.from({ length: count }, (_, part) =>
      files.filter((_file, index) => index % count === part),
    );
  });
  return [...ALONE.map((file) => [file]), ...shared.toSorted((a, b) => b.length - a.length)];
}
