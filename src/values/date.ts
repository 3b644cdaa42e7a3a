/** The API's only form of a date: `2026-11-23T12:00:00Z`. SDKs that meet milliseconds give up. */
export function apiDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
/** RFC 3339 §5.6, which is the date-time of OpenAPI. */
const DATE_TIME =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * A date, which is its midnight UTC, or a date-time. Dates of records are whole seconds, so a part of
 * a second counts as the whole: the same records lie before it and since.
 * @returns undefined when the text is neither
 */
export function parseDate(text: string): Date | undefined {
  const [, seconds, fraction = '', zone] =
    DATE_TIME.exec(DAY.test(text) ? `${text}T00:00:00Z` : text) ?? [];
  if (seconds === undefined || zone === undefined) return undefined;
  const date = new Date(`${seconds}${zone}`);
  // The 30th of February would count as a day in March.
  const day = zone === 'Z' ? date : new Date(`${seconds}Z`);
  if (day.getUTCDate() !== Number(seconds.slice(8, 10))) return undefined;
  if (/[1-9]/.test(fraction)) date.setSeconds(date.getSeconds() + 1);
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? date : undefined;
}
