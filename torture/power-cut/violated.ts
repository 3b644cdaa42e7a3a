// Disks from which not everything came back: much the same problem comes at many moments.
import type { Step } from './replay.ts';

export interface Violated {
  /** Which of the recording's moments the power was cut at. */
  moment: number;
  /** What had happened just before. */
  step: Step;
  /** What the disk holds, such as `none of 7 unsynced changes`. */
  holds: string;
  /** At least one. */
  problems: string[];
}

/** Problems that differ only in identifiers and numbers are listed once, the most frequent first. */
export function listByProblem(violated: readonly Violated[]): string[] {
  const groups = Map.groupBy(violated, ({ problems }) => withoutValues(problems[0]!));
  return Array.from(groups.values())
    .toSorted((a, b) => b.length - a.length)
    .flatMap((group) => {
      const [{ step, holds, problems }] = group as [Violated];
      const moments = rangesOf(group.map(({ moment }) => moment));
      const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
      return [
        `on ${group.length} ${group.length === 1 ? 'disk' : 'disks'}: ${problems[0]}${others}`,
        `  at moment ${moments}; first after a ${step}, with ${holds}`,
      ];
    });
}

const withoutValues = (problem: string) =>
  problem.replaceAll(/\b[0-9A-Za-z]*\d[0-9A-Za-z]*\b/g, '#');

/** @returns such as `4–7, 12` */
function rangesOf(moments: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const moment of moments) {
    const range = ranges.at(-1);
    if (range !== undefined && moment <= range[1] + 1) range[1] = moment;
    else ranges.push([moment, moment]);
  }
  return ranges.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(', ');
}
