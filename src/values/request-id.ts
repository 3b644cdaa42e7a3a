// The id of a request: given by the client, so that it can be found in the logs of both, or generated. It follows what the
// request has begun: docs/monitoring.md.
import { createHash } from 'node:crypto';
import { randomSid, SID_PREFIXES } from './sid.ts';

/** W3C Trace Context, `traceparent`: version, trace-id, parent-id, flags; later versions may have more. */
const TRACEPARENT =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/;
/** What people use: UUIDs, hexadecimal digits, names with a number. Nothing that could forge a line of a log. */
const GIVEN = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,63}$/;
const TRACE_ID = /^(?:rq)?([0-9a-f]{32})$/;

export interface TraceParent {
  traceId: string;
  spanId: string;
  isSampled: boolean;
}

/** Undefined if it is missing, or is none that may be followed. */
export function parseTraceparent(value: unknown): TraceParent | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined;
  const [, first, second, third, traceId = first, spanId = second, flags = third] =
    TRACEPARENT.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** @param headers of the request: `traceparent` counts before `x-request-id` */
export function requestIdOf(headers: Record<string, unknown>): string {
  const { traceparent, 'x-request-id': given } = headers;
  if (traceparent === undefined && given === undefined) return randomSid('request');
  const trace = parseTraceparent(traceparent);
  if (trace !== undefined) return SID_PREFIXES.request + trace.traceId;
  return typeof given === 'string' && GIVEN.test(given) ? given : randomSid('request');
}

/** The trace that a request belongs to, always the same for the same id. */
export function traceIdOf(requestId: string): string {
  const [, own] = TRACE_ID.exec(requestId.toLowerCase().replaceAll('-', '')) ?? [];
  return own ?? createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}
