// Commands print all times in the API's format.
import { apiDate } from '../values/date.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Whether a text is a time as stored, to the second or finer. */
export function isTime(text: string): boolean {
  return TIME.test(text);
}

/** `2026-11-23T12:00:00Z` */
export function timeText(time: string): string {
  return apiDate(new Date(time));
}
