// Resource identifiers: two letters and 32 hexadecimal digits.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Bounds } from '../store/pages.ts';

export const SID_PREFIXES = {
  account: 'AC',
  apiKey: 'SK',
  auditEntry: 'AE',
  batch: 'BT',
  bulkOperation: 'BO',
  callback: 'CB',
  eimOperation: 'EO',
  esimProfile: 'HP',
  euicc: 'EU',
  euiccGroup: 'EG',
  euiccRange: 'ER',
  event: 'EV',
  installLink: 'IL',
  operator: 'OP',
  progressReport: 'PR',
  request: 'RQ',
  rspLog: 'RL',
  sim: 'HS',
  stockThreshold: 'ST',
} as const;

type Kind = keyof typeof SID_PREFIXES;

const MOST_AHEAD_MS = 24 * 60 * 60 * 1_000;

/**
 * Makes SIDs that sort by time: a UUIDv7 in hex (RFC 9562 §5.7) with a counter within the millisecond (RFC 9562 §6.2,
 * method 1). Whoever opens a database has one, so it never makes two out of order.
 */
export class Sids {
  #lastMillisecond = 0;
  #sequence = 0;

  next(kind: Kind, date: Date): string {
    const now = date.getTime();
    if (now > this.#lastMillisecond) {
      this.#lastMillisecond = now;
      this.#sequence = 0;
    } else if (++this.#sequence > 0xfff) {
      this.#lastMillisecond++;
      this.#sequence = 0;
    }
    // A UUIDv7 ends like a UUIDv4, variant included; Node generates those in batches, which is fast.
    const random = randomUUID().replaceAll('-', '').slice(16);
    return (
      SID_PREFIXES[kind] +
      this.#lastMillisecond.toString(16).padStart(12, '0') +
      (0x7000 | this.#sequence).toString(16) +
      random
    );
  }

  /** SIDs made from now on sort after `sid`, even if the clock that made it was ahead. */
  goOnAfter(sid: string): void {
    this.#lastMillisecond = Math.max(this.#lastMillisecond, dateOfSid(sid).getTime() + 1);
  }
}

/** Whether a date is so far in the future that the clock that it came from must have been wrong. */
export function isFarAhead(date: Date, now: Date): boolean {
  return date.getTime() > now.getTime() + MOST_AHEAD_MS;
}

/** When a SID of `Sids` was made. */
export function dateOfSid(sid: string): Date {
  return new Date(Number.parseInt(sid.slice(2, 14), 16));
}

/** SID bounds for what was created at or after `after` and before `before`. */
export function createdBetween(kind: Kind, after?: Date, before?: Date): Bounds {
  return { above: after && sidAt(kind, after), below: before && sidAt(kind, before) };
}

/** Sorts between the SIDs made before a date and those made since; never a SID itself. */
export function sidAt(kind: Kind, date: Date): string {
  const milliseconds = Math.max(date.getTime(), 0).toString(16).padStart(12, '0');
  return `${SID_PREFIXES[kind]}${milliseconds}${'0'.repeat(20)}`;
}

/** A SID that reveals nothing: a UUIDv4 in hex. */
export function randomSid(kind: Kind): string {
  return SID_PREFIXES[kind] + randomUUID().replaceAll('-', '');
}

/** 128 random bits in hex: SDKs require tokens to be letters and digits. */
export function randomSecret(): string {
  return randomBytes(16).toString('hex');
}

export function isSid(kind: Kind, value: string): boolean {
  return value.startsWith(SID_PREFIXES[kind]) && /^[A-Z]{2}[0-9a-fA-F]{32}$/.test(value);
}
