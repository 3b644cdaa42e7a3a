// Identifiers of resources: two letters and 32 hexadecimal digits.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Bounds } from '../store/pages.ts';

export const SID_PREFIXES = {
  account: 'AC',
  apiKey: 'SK',
  callback: 'CB',
  esimProfile: 'HP',
  event: 'EV',
  request: 'RQ',
  rspLog: 'RL',
  sim: 'HS',
} as const;

type Kind = keyof typeof SID_PREFIXES;

const MOST_AHEAD_MS = 24 * 60 * 60 * 1_000;

let lastMillisecond = 0;
let sequence = 0;

/**
 * A SID whose order is the order of time: a UUIDv7 in hex (RFC 9562 §5.7), which counts up within a
 * millisecond (§6.2, method 1), so that one process never makes two in the wrong order.
 */
export function timeOrderedSid(kind: Kind, date: Date): string {
  const now = date.getTime();
  if (now > lastMillisecond) {
    lastMillisecond = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMillisecond++;
    sequence = 0;
  }
  // The second half of a UUIDv4, variant included, is that of a UUIDv7; Node makes many at a time.
  const random = randomUUID().replaceAll('-', '').slice(16);
  return (
    SID_PREFIXES[kind] +
    lastMillisecond.toString(16).padStart(12, '0') +
    (0x7000 | sequence).toString(16) +
    random
  );
}

/** Those that are made from now on come after `sid`, though it may have been made by a clock that was ahead. */
export function makeSidsAfter(sid: string): void {
  lastMillisecond = Math.max(lastMillisecond, dateOfSid(sid).getTime() + 1);
}

/** Whether whoever has made it had a clock that was just wrong. */
export function isFarAhead(sid: string, now: Date): boolean {
  return dateOfSid(sid).getTime() > now.getTime() + MOST_AHEAD_MS;
}

/** When a SID was made that `timeOrderedSid` has made. */
export function dateOfSid(sid: string): Date {
  return new Date(Number.parseInt(sid.slice(2, 14), 16));
}

/** The bounds of a list of what was created at `after` or later, and before `before`. */
export function createdBetween(kind: Kind, after?: Date, before?: Date): Bounds {
  return { above: after && sidAt(kind, after), below: before && sidAt(kind, before) };
}

/** Lies between the SIDs made before a date and those made since; is none itself. */
export function sidAt(kind: Kind, date: Date): string {
  const milliseconds = Math.max(date.getTime(), 0).toString(16).padStart(12, '0');
  return `${SID_PREFIXES[kind]}${milliseconds}${'0'.repeat(20)}`;
}

/** A SID that tells nothing: a UUIDv4 in hex. */
export function randomSid(kind: Kind): string {
  return SID_PREFIXES[kind] + randomUUID().replaceAll('-', '');
}

/** A secret of letters and digits, as SDKs demand of tokens: 128 bits in hex. */
export function randomSecret(): string {
  return randomBytes(16).toString('hex');
}

export function isSid(kind: Kind, value: string): boolean {
  return value.startsWith(SID_PREFIXES[kind]) && /^[A-Z]{2}[0-9a-fA-F]{32}$/.test(value);
}
