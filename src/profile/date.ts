/** The API's only form of a date: `2026-11-23T12:00:00Z`. SDKs that meet milliseconds give up. */
export function apiDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
