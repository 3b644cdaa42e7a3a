// The scale of an axis that begins at 0: round numbers, at most four steps.

/** @returns the marks of the axis, from 0 to at least `most` */
export function marks(most: number): number[] {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!,
  );
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
export const short = (count: number) =>
  count < 10_000 ? count.toLocaleString() : compact.format(count);
