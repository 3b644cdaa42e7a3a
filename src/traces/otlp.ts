// Spans as OTLP has them in JSON (OpenTelemetry protocol, "JSON Protobuf Encoding"): ids in hexadecimal digits, 64-bit numbers as
// text, enumerations as numbers.
import { hostname } from 'node:os';
import { VERSION } from '../version.ts';
import type { Attributes, EndedSpan, SpanKind } from './tracer.ts';

const KINDS: Record<SpanKind, number> = { server: 2, client: 3 };
const STATUS_ERROR = 2;
const NANOSECONDS = 1_000_000;

/** The body of ExportTraceServiceRequest. */
export function exportRequest(spans: readonly EndedSpan[], serviceName: string): object {
  const resource: Attributes = {
    'service.name': serviceName,
    'service.version': VERSION,
    'service.instance.id': `${hostname()}-${process.pid}`,
  };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'simwright', version: VERSION }, spans: spans.map(spanOf) }],
      },
    ],
  };
}

function spanOf(span: EndedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.begun),
    endTimeUnixNano: nanoseconds(span.ended),
    attributes: attributesOf(span.attributes),
    status: span.error === undefined ? {} : { code: STATUS_ERROR, message: span.error },
  };
}

function attributesOf(given: Attributes): object[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined || value === null) return [];
    return {
      key,
      value:
        typeof value === 'string'
          ? { stringValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
    };
  });
}

/** Milliseconds with three decimals are exact as whole microseconds. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * BigInt(NANOSECONDS / 1_000));
}
