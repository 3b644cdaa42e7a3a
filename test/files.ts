// The order in which test files run, and which of them share a process.
import { globSync } from 'node:fs';

/** They share a browser in each process. They begin first, because they take the longest. */
const IN_BROWSERS = [
  [
    'test/console/console.test.ts',
    'test/console/dashboard.test.ts',
    'test/install/browser.test.ts',
  ],
  ['test/console/list.test.ts', 'test/console/batches.test.ts'],
  ['test/console/profile.test.ts', 'test/console/callbacks.test.ts', 'test/console/iot.test.ts'],
];
/** Long ones. The longest come first, so that the others fill the time. */
const LONG = [
  ['test/torture/points.test.ts'],
  ['test/verify/invariants.test.ts'],
  ['test/torture/storm.test.ts'],
  ['test/torture/simulation.test.ts'],
  ['test/workers/start.test.ts', 'test/workers/shared.test.ts'],
  // They kill servers, each a process, and wait for the next.
  [
    'test/es9plus/sessions.test.ts',
    'test/operator/kill.test.ts',
    'test/api/idempotency-kill.test.ts',
    'test/operator/clocks.test.ts',
  ],
];
/** Those that mostly wait: they fill the end, so that it is not one long process alone. */
const WAITING = [
  ['test/store/failover.test.ts', 'test/store/connection-storm.test.ts'],
  [
    'test/store/postgres-failures.test.ts',
    'test/store/sqlite-failures.test.ts',
    'test/store/sharing.test.ts',
  ],
  [
    'test/api/streamEvent.test.ts',
    'test/webhook/deliver.test.ts',
    'test/process/listener-limits.test.ts',
  ],
  ['test/bin/npm-start.test.ts', 'test/cli/start.test.ts'],
  // It replaces a function of Node for its process.
  ['test/store/write-ahead-log.test.ts'],
];
/** A file that does not end, or ends its process, then affects only few others. */
const MOST = 44;

/** All test files, as relative paths: those of one entry run in one process. */
export function testFiles(): string[][] {
  const found = globSync('test/**/*.test.ts').map((file) => file.replaceAll('\\', '/'));
  const placed = new Set([IN_BROWSERS, LONG, WAITING].flat(2));
  // By their rooms, since those of a room load and warm up the same.
  const rest = found.filter((file) => !placed.has(file)).toSorted();
  const shared = Array.from({ length: Math.ceil(rest.length / MOST) }, (_, part) =>
    rest.slice(part * MOST, (part + 1) * MOST),
  );
  return [...IN_BROWSERS, ...LONG, ...shared, ...WAITING];
}
