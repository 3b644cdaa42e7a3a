import { useEffect, useRef, useState } from 'preact/hooks';
import { marks, short } from './scale.ts';

/** A row of numbers, drawn in the colour of a status. */
export interface Series {
  name: string;
  tone: string;
  values: readonly number[];
}

const HEIGHT = 200;
const TOP = 8;
const BOTTOM = 24;
const RIGHT = 28;
/** The width of a character of the axes, and what a label below takes. */
const CHARACTER = 7;
const LABEL = 64;
const GAP = 0.2;
/** Points of a line are marked if they are so far apart. */
const MARKED = 12;

/** Columns of parts, one on the other, or a line for each series. A table beside has the numbers. */
export function Chart({
  kind,
  title,
  labels,
  series,
}: {
  kind: 'columns' | 'lines';
  title: string;
  /** Of the columns; the short one below, the long one when pointed at. */
  labels: readonly { short: string; long: string }[];
  /** From the bottom up. */
  series: readonly Series[];
}) {
  const [frame, width] = useWidth();
  const sums = labels.map((_, at) => series.reduce((sum, { values }) => sum + values[at]!, 0));
  const most = kind === 'columns' ? sums : series.flatMap(({ values }) => values);
  const axis = marks(Math.max(...most, 0));
  const left = Math.max(...axis.map((mark) => short(mark).length)) * CHARACTER + 12;
  const inner = Math.max(width - left - RIGHT, 1);
  const each = inner / labels.length;
  const scale = (HEIGHT - TOP - BOTTOM) / axis.at(-1)!;
  const y = (count: number) => HEIGHT - BOTTOM - count * scale;
  const every = Math.max(1, Math.ceil((labels.length * LABEL) / inner));
  return (
    <div class="chart" ref={frame}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${title}; the table below has the numbers`}
        >
          {axis.map((mark) => (
            <g key={mark} class="chart-mark">
              <line x1={left} x2={width - RIGHT} y1={y(mark)} y2={y(mark)} />
              <text x={left - 8} y={y(mark) + 4} text-anchor="end">
                {short(mark)}
              </text>
            </g>
          ))}
          {labels.map((label, at) => {
            let below = 0;
            return (
              <g key={label.long} class="chart-column">
                <title>{told(label.long, series, at)}</title>
                <rect
                  class="chart-space"
                  x={left + at * each}
                  y={TOP}
                  width={each}
                  height={HEIGHT - TOP - BOTTOM}
                />
                {kind === 'columns' &&
                  series.map(({ name, tone, values }) => {
                    const count = values[at]!;
                    if (count === 0) return null;
                    const bottom = y(below);
                    below += count;
                    return (
                      <rect
                        key={name}
                        class={`tone-${tone}`}
                        x={left + at * each + (each * GAP) / 2}
                        y={y(below)}
                        width={Math.max(each * (1 - GAP), 1)}
                        height={Math.max(bottom - y(below), 1)}
                      />
                    );
                  })}
                {(labels.length - 1 - at) % every === 0 && (
                  <text
                    class="chart-label"
                    x={left + (at + 0.5) * each}
                    y={HEIGHT - 6}
                    text-anchor="middle"
                  >
                    {label.short}
                  </text>
                )}
              </g>
            );
          })}
          {kind === 'lines' &&
            series.map(({ name, tone, values }) => (
              <g key={name} class={`chart-line line-${tone}`}>
                <polyline
                  points={values
                    .map((count, at) => `${left + (at + 0.5) * each},${y(count)}`)
                    .join(' ')}
                />
                {each >= MARKED &&
                  values.map((count, at) => (
                    <circle
                      key={labels[at]!.long}
                      cx={left + (at + 0.5) * each}
                      cy={y(count)}
                      r={3}
                    />
                  ))}
              </g>
            ))}
        </svg>
      )}
      {series.length > 1 && (
        <ul class="chart-legend">
          {series.map(({ name, tone }) => (
            <li key={name}>
              <span class={`chart-key tone-${tone}`} aria-hidden="true" />
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function told(label: string, series: readonly Series[], at: number): string {
  const counts = series.map(({ name, values }) => `${name}: ${values[at]!.toLocaleString()}`);
  return [label, ...counts.toReversed()].join('\n');
}

/** The width of an element, also when it changes. */
function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.floor(entry!.contentRect.width));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
