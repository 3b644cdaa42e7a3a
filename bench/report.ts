// The figures as Markdown tables.

/** For one workload on one database. */
export interface Figure {
  work: string;
  against: string;
  /** The target, in words. */
  reach: string;
  /** One value per round: a ratio, or in the given unit. */
  values: number[];
  unit?: string;
  /** The same ratio, of the server's CPU time instead of wall-clock time, one value per round. */
  cpu?: number[];
  reached: (median: number) => boolean;
}

/** Requests per second and CPU of the server, one value per round. */
export interface Detail {
  work: string;
  rates: number[];
  cpu: number[];
}

export function figureTable(figures: Figure[]): string {
  const rows = figures.map(({ work, against, reach, values, unit = '', cpu, reached }) => {
    const middle = median(values);
    const spread =
      values.length > 1 ? ` (${short(Math.min(...values))}–${short(Math.max(...values))})` : '';
    const verdict = reached(middle) ? 'yes' : 'no';
    const byCpu = cpu === undefined ? '–' : short(median(cpu));
    return [work, against, reach, `${short(middle)}${unit}${spread}`, byCpu, verdict];
  });
  return table(['work', 'against', 'target', 'measured', 'by server CPU', 'met'], rows);
}

export function detailTable(details: Detail[]): string {
  const rows = details.map(({ work, rates, cpu }) => {
    return [
      work,
      ...[rates, cpu].map((values) => (values.length > 0 ? short(median(values)) : '–')),
    ];
  });
  return table(['work', 'per second', 'server CPU µs each'], rows);
}

const line = (cells: string[]) => `| ${cells.join(' | ')} |`;

export function table(head: string[], rows: string[][]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function median(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(value < 1 ? 2 : 3);
}
