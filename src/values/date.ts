/** The API's only date format: `2026-11-23T12:00:00Z`. Some SDKs fail to parse milliseconds. */
export function apiDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Of a date with milliseconds, if there is one. */
export const apiDateOf = (text: string | null): string | null =>
  text === null ? null : apiDate(new Date(text));

const DAY = /^\d{4}-\d\d-\d\d$/;
/** RFC 3339 §5.6, the `date-time` of OpenAPI. */
const DATE_TIME =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Parses a date (midnight UTC) or a date-time. Records carry whole seconds, so a fraction is rounded up: that leaves
 * the same records before and after it.
 * @returns undefined if the text is neither
 */
export function parseDate(text: string): Date | undefined {
  const [, seconds, fraction = '', zone] =
    DATE_TIME.exec(DAY.test(text) ? `${text}T00:00:00Z` : text) ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const date = new Date(`${seconds}${zone}`);
  // `Date` would take 30 February as a day in March.
  const day = zone === 'Z' ? date : new Date(`${seconds}Z`);
  if (day.getUTCDate() !== Number(seconds.slice(8, 10))) return undefined;
  if (/[1-9]/.test(fraction)) date.setSeconds(date.getSeconds() + 1);
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date : undefined;
}
