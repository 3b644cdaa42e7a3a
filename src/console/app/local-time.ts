// Times as `<input type="datetime-local">` has them, and as the API has them.

/** `2026-11-23T15:07` in local time. */
export function toLocal(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** As the API reads it; empty for never. */
export function toUtc(local: string): string {
  return local === '' ? '' : new Date(local).toISOString().replace('.000', '');
}

/** The error message of a time, if it has one. */
export function problemOfExpiry(local: string): string | undefined {
  if (local === '') return undefined;
  return Date.parse(local) > Date.now() ? undefined : 'Choose a time in the future.';
}

/** A date of the API for a sentence, in local time. */
export function localTime(date: string): string {
  const at = new Date(date);
  if (Number.isNaN(at.getTime())) return date;
  return at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
