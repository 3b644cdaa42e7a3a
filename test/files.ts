// The order in which test files run, and which of them share a process.
import { globSync, statSync } from 'node:fs';

/** They share a browser in each process, for which they wait. */
const IN_BROWSERS = [
  [
    'test/console/console.test.ts',
    'test/console/dashboard.test.ts',
    'test/console/profile.test.ts',
    'test/install/browser.test.ts',
  ],
  [
    'test/console/list.test.ts',
    'test/console/batches.test.ts',
    'test/console/callbacks.test.ts',
    'test/console/iot.test.ts',
  ],
];
/** They start servers as processes, kill them, and wait for the next, or for what a server does after some seconds. */
const WAITING = [
  ['test/torture/storm.test.ts'],
  [
    'test/store/failover.test.ts',
    'test/store/connection-storm.test.ts',
    'test/store/postgres-failures.test.ts',
    'test/store/sqlite-failures.test.ts',
    'test/store/sharing.test.ts',
  ],
  [
    'test/es9plus/sessions.test.ts',
    'test/operator/kill.test.ts',
    'test/api/idempotency-kill.test.ts',
    'test/operator/clocks.test.ts',
  ],
  ['test/store/migrator.test.ts', 'test/store/pipelining.test.ts', 'test/rotation/rotate.test.ts'],
  ['test/metrics/metrics.test.ts', 'test/metrics/prometheus.test.ts'],
  [
    'test/api/streamEvent.test.ts',
    'test/webhook/deliver.test.ts',
    'test/process/listener-limits.test.ts',
  ],
  ['test/workers/start.test.ts', 'test/workers/shared.test.ts'],
  [
    'test/bin/npm-start.test.ts',
    'test/cli/start.test.ts',
    // Measures the heap of its process, where little else happens.
    'test/store/short-lived.test.ts',
    // Replaces a function of Node for its process.
    'test/store/write-ahead-log.test.ts',
  ],
];
/** They replace clocks, disks or networks of their process. */
const ALONE = [['test/torture/points.test.ts'], ['test/torture/simulation.test.ts']];
/** Files of one process, which takes two or three seconds of the CPU until it has loaded and warmed up. */
const MOST = 44;

/** All test files, as relative paths: those of one entry run in one process. */
export function testFiles(): string[][] {
  const found = globSync('test/**/*.test.ts').map((file) => file.replaceAll('\\', '/'));
  const placed = new Set([IN_BROWSERS, ALONE, WAITING].flat(2));
  // By their rooms, since those of a room load and warm up the same.
  const rest = found.filter((file) => !placed.has(file)).toSorted();
  const shared = Array.from({ length: Math.ceil(rest.length / MOST) }, (_, part) =>
    rest.slice(part * MOST, (part + 1) * MOST),
  );
  const longestFirst = shared.toSorted((one, other) => bytesOf(other) - bytesOf(one));
  return inTurns([...IN_BROWSERS, ...WAITING], [...ALONE, ...longestFirst]);
}

/** The nearest that is known to how long they take. */
const bytesOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + statSync(file).size, 0);

/** Beside each that waits runs one that needs all of a core. Those that take the longest begin first. */
function inTurns<T>(waiting: readonly T[], busy: readonly T[]): T[] {
  const length = Math.max(waiting.length, busy.length);
  return Array.from({ length }, (_, index) =>
    [waiting, busy].flatMap((all) => all.slice(index, index + 1)),
  ).flat();
}
