// Traces: which spans are recorded, and who is told of them. Without a receiver there is no tracer, and nothing is recorded.
import { randomBytes } from 'node:crypto';
import type { TraceParent } from '../values/request-id.ts';

export type SpanKind = 'server' | 'client';

export type Attributes = Record<string, string | number | undefined | null>;

/** One that has ended. */
export interface EndedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: SpanKind;
  /** Milliseconds since 1970, with fractions. */
  begun: number;
  ended: number;
  attributes: Attributes;
  /** Why it has failed. */
  error: string | undefined;
}

export interface Span {
  /** W3C Trace Context, for whoever is called. */
  traceparent: string;
  /**
   * @param started by `performance.now()`
   * @param error why it has failed
   */
  end(name: string, kind: SpanKind, started: number, attributes: Attributes, error?: string): void;
}

export class Tracer {
  readonly #take: (span: EndedSpan) => void;
  readonly #share: number;
  readonly #now: () => Date;

  /** @param share of the traces, from 0 to 1, that are recorded; those that a client has begun, as it says */
  constructor(take: (span: EndedSpan) => void, share: number, now: () => Date) {
    this.#take = take;
    this.#share = share;
    this.#now = now;
  }

  /** A span of a trace. @returns undefined if the trace is not recorded */
  span(traceId: string, parent?: TraceParent): Span | undefined {
    if (!(parent?.isSampled ?? this.#isRecorded(traceId))) return undefined;
    const spanId = randomBytes(8).toString('hex');
    return {
      traceparent: `00-${traceId}-${spanId}-01`,
      end: (name, kind, started, attributes, error) => {
        const ended = this.#now().getTime();
        const begun = ended - (performance.now() - started);
        const parentSpanId = parent?.spanId;
        this.#take({ traceId, spanId, parentSpanId, name, kind, begun, ended, attributes, error });
      },
    };
  }

  /** All processes decide the same about a trace (as OpenTelemetry's TraceIdRatioBased). */
  #isRecorded(traceId: string): boolean {
    if (this.#share >= 1) return true;
    return Number.parseInt(traceId.slice(-8), 16) < this.#share * 2 ** 32;
  }
}
