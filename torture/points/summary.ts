// What was tried and found, as a table.
import type { Exploration } from './explore.ts';
import { FAULTS } from './point.ts';
import type { Fault } from './point.ts';

export function summaryOf(explorations: readonly Exploration[]): string {
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) =>
    explorations.some(({ tried }) => tried[fault] !== undefined),
  );
  const header = ['journey', 'database', 'calls', ...faults, 'not reached', 'found', 'seconds'];
  const rows = explorations.map((one) => [
    one.scene,
    one.database,
    one.calls,
    ...faults.map((fault) => one.tried[fault] ?? 0),
    one.notReached.length,
    one.findings.length,
    Math.round(one.seconds),
  ]);
  const notReached = explorations.flatMap(({ scene, database, notReached: points }) =>
    points.map((point) => `not reached again: ${scene} on ${database}: ${point}`),
  );
  const table = [header, header.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return [...table, ...notReached].join('\n');
}
