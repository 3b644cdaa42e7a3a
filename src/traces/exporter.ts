// Sends spans to a receiver of OTLP over HTTP, many at once. What it cannot take is lost: traces hold up nothing, and take only
// so much memory.
import type { Logger } from 'pino';
import type { TracesConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { exportRequest } from './otlp.ts';
import type { EndedSpan } from './tracer.ts';

const SEND_EVERY_MS = 2_000;
const AT_ONCE = 512;
const MOST_WAITING = 4_096;
const ANSWER_LIMIT_MS = 10_000;
/** OTLP: then the same request may succeed later. */
const RETRIABLE = new Set([429, 502, 503, 504]);
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1_000;

export class SpanExporter implements AsyncDisposable {
  readonly #config: TracesConfig;
  readonly #headers: Record<string, string>;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #waiting: EndedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isEnding = false;
  #isFailing = false;

  constructor(
    config: TracesConfig,
    headers: Record<string, string>,
    { metrics, log }: { metrics: Metrics; log: Logger },
  ) {
    this.#config = config;
    this.#headers = headers;
    this.#metrics = metrics;
    this.#log = log;
  }

  readonly take = (span: EndedSpan): void => {
    if (this.#waiting.length >= MOST_WAITING) return this.#metrics.spans('lost', 1);
    this.#waiting.push(span);
    if (this.#waiting.length >= AT_ONCE) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), SEND_EVERY_MS).unref();
  };

  /** Sends what is left, if the receiver answers soon. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#sending;
    this.#begin();
    await this.#sending;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.splice(0, AT_ONCE);
      const problem = await this.#send(spans);
      this.#metrics.spans(problem === undefined ? 'sent' : 'lost', spans.length);
      this.#tell(problem);
    }
  }

  /** @returns why the receiver did not take them */
  async #send(spans: EndedSpan[]): Promise<string | undefined> {
    const body = JSON.stringify(exportRequest(spans, this.#config.serviceName));
    for (let attempt = 1, pause = FIRST_PAUSE_MS; ; attempt++, pause *= 2) {
      const { problem, isFinal } = await this.#post(body);
      if (problem === undefined || isFinal || attempt === ATTEMPTS || this.#isEnding)
        return problem;
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
  }

  async #post(body: string): Promise<{ problem?: string; isFinal?: boolean }> {
    try {
      const response = await fetch(this.#config.url, {
        method: 'POST',
        headers: { ...this.#headers, 'Content-Type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(this.#isEnding ? ANSWER_LIMIT_MS / 10 : ANSWER_LIMIT_MS),
      });
      await response.body?.cancel();
      if (response.ok) return {};
      return {
        problem: `it answered ${response.status}`,
        isFinal: !RETRIABLE.has(response.status),
      };
    } catch (error) {
      const { message, cause } = error as Error;
      return { problem: cause instanceof Error ? `${message}: ${cause.message}` : message };
    }
  }

  /** Once when it begins to fail, and once when it works again. */
  #tell(problem: string | undefined): void {
    if (this.#isFailing === (problem !== undefined)) return;
    this.#isFailing = problem !== undefined;
    if (problem === undefined) this.#log.info('the receiver of traces takes them again');
    else this.#log.warn({ problem }, 'the receiver of traces does not take them; they are lost');
  }
}
