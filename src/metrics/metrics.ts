// What a process counts about itself, for Prometheus: docs/monitoring.md says what each metric means. No label has a value
// that a client can choose freely, or that belongs to a tenant, except for profile types.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Bounded } from './bounded.ts';

/** Short ones for answers of this server, long ones for those of others. */
const ANSWER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];
const AVAILABLE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600];
/** From half a minute to 30 days. */
const INSTALLED_BUCKETS = [30, 60, 300, 900, 3600, 14_400, 86_400, 259_200, 604_800, 2_592_000];

/** As `getMetricsAsJSON` gives them: what workers send to the first process. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The most frequent reason why a handshake fails. */
const CLOSED = 'connection closed by the client';

const CRL_FETCHES = ['new', 'unchanged', 'failed', 'refused'] as const;

/** What an IPA has answered to a package: its result, that it will come, an error; or nothing. */
const INJECTIONS = ['result', 'received', 'error', 'unavailable'] as const;
export type InjectionOutcome = (typeof INJECTIONS)[number];

/** How many values a label may have. */
const NAMES = {
  operation: 200,
  function: 50,
  code: 100,
  reason: 100,
  profileType: 100,
} as const;

/** How the processes of a server, and its nodes, put their values together. */
type Together = 'sum' | 'max' | 'min';

export class Metrics {
  readonly registry = new Registry();
  readonly #collectors: (() => void | Promise<void>)[] = [];
  readonly #bounded = Object.fromEntries(
    Object.entries(NAMES).map(([name, most]) => [name, new Bounded(most)]),
  ) as Record<keyof typeof NAMES, Bounded>;

  // Counted by each process.
  readonly #requests = this.counter(
    'simwright_http_requests_total',
    'Requests to the API that were answered.',
    ['operation', 'status'],
  );
  readonly #requestSeconds = this.#histogram(
    'simwright_http_request_duration_seconds',
    'Time from the head of a request to the API to the end of its response; event streams and exports excepted.',
    ['operation'],
    ANSWER_BUCKETS,
  );
  readonly #es9plusCalls = this.counter(
    'simwright_es9plus_calls_total',
    'Calls of ES9+ functions by devices.',
    ['function', 'code'],
  );
  readonly #es9plusSeconds = this.#histogram(
    'simwright_es9plus_call_duration_seconds',
    'Time to answer a call of an ES9+ function.',
    ['function'],
    ANSWER_BUCKETS,
  );
  readonly #es2plusCalls = this.counter(
    'simwright_es2plus_calls_total',
    'Calls of ES2+ functions by operators, or by a rented SM-DP+.',
    ['function', 'code'],
  );
  readonly #es2plusSeconds = this.#histogram(
    'simwright_es2plus_call_duration_seconds',
    'Time to answer a call of an ES2+ function.',
    ['function'],
    ANSWER_BUCKETS,
  );
  readonly #esipaCalls = this.counter(
    'simwright_esipa_calls_total',
    'Calls of ESipa functions by IPAs of IoT devices.',
    ['function', 'code'],
  );
  readonly #esipaSeconds = this.#histogram(
    'simwright_esipa_call_duration_seconds',
    'Time to answer a call of an ESipa function.',
    ['function'],
    ANSWER_BUCKETS,
  );
  readonly #injections = this.counter(
    'simwright_esipa_injections_total',
    'Calls of ESipa.TransferEimPackage of IPAs that listen.',
    ['outcome'],
  );
  readonly #injectionSeconds = this.#histogram(
    'simwright_esipa_injection_duration_seconds',
    'Time of a call of ESipa.TransferEimPackage.',
    [],
    CALL_BUCKETS,
  );
  readonly #rentedCalls = this.counter(
    'simwright_rented_smdp_calls_total',
    'Calls of ES2+ functions of the rented SM-DP+.',
    ['function', 'code'],
  );
  readonly #es12Calls = this.counter(
    'simwright_es12_calls_total',
    'Calls of ES12 functions of SM-DSs.',
    ['function', 'code'],
  );
  readonly #callbackAttempts = this.counter(
    'simwright_callback_attempts_total',
    'Attempts at callbacks.',
    ['outcome'],
  );
  readonly #callbackSeconds = this.#histogram(
    'simwright_callback_attempt_duration_seconds',
    'Time of an attempt at a callback.',
    [],
    CALL_BUCKETS,
  );
  readonly #progressAttempts = this.counter(
    'simwright_progress_report_attempts_total',
    'Attempts at reports of progress to operators (HandleDownloadProgressInfo).',
    ['outcome'],
  );
  readonly #progressSeconds = this.#histogram(
    'simwright_progress_report_attempt_duration_seconds',
    'Time of an attempt at a report of progress.',
    [],
    CALL_BUCKETS,
  );
  readonly #availableSeconds = this.#histogram(
    'simwright_order_available_seconds',
    'Time from an order until it was available.',
    [],
    AVAILABLE_BUCKETS,
  );
  readonly #installedSeconds = this.#histogram(
    'simwright_order_installed_seconds',
    'Time from an order until its profile was installed.',
    [],
    INSTALLED_BUCKETS,
  );
  readonly #handshakeFailures = this.counter(
    'simwright_tls_handshake_failures_total',
    'TLS handshakes that failed.',
    ['listener', 'reason'],
  );
  readonly #crlFetches = this.counter('simwright_crl_fetches_total', 'Attempts to fetch a CRL.', [
    'outcome',
  ]);
  readonly #jobTurns = this.counter('simwright_job_turns_total', 'Turns of background jobs.', [
    'loop',
    'outcome',
  ]);
  readonly #jobSeconds = this.counter(
    'simwright_job_seconds_total',
    'Time of the turns of background jobs.',
    ['loop'],
  );
  readonly #jobLast = this.gauge(
    'simwright_job_last_success_timestamp_seconds',
    'When a background job last ended a turn without an error.',
    ['loop'],
    'max',
  );
  readonly #auditProblems = this.gauge(
    'simwright_audit_problems',
    'What contradicts the audit log, as found by its last check or the one that runs.',
    [],
    'max',
  );
  readonly #auditEntries = this.gauge(
    'simwright_audit_sealed_entries',
    'Entries that the audit log has ever sealed.',
    [],
    'max',
  );
  readonly #auditChecked = this.gauge(
    'simwright_audit_checked_timestamp_seconds',
    'When the audit log was last verified as a whole.',
    [],
    'max',
  );
  readonly #spans = this.counter(
    'simwright_trace_spans_total',
    'Spans of traces: sent, or lost because the receiver did not take them.',
    ['outcome'],
  );

  readonly #hsmSignatures = this.counter(
    'simwright_hsm_signatures_total',
    'Signatures that were asked of the HSM.',
    ['outcome'],
  );
  readonly #hsmSeconds = this.#histogram(
    'simwright_hsm_signature_duration_seconds',
    'Time of a signature of the HSM, with the time that it waited for a session.',
    [],
    ANSWER_BUCKETS,
  );

  /** What is counted from the start: Prometheus does not see a counter rise that begins with 1. */
  constructor() {
    for (const outcome of ['delivered', 'retried', 'failed']) {
      this.#callbackAttempts.inc({ outcome }, 0);
      this.#progressAttempts.inc({ outcome }, 0);
    }
    for (const outcome of CRL_FETCHES) this.#crlFetches.inc({ outcome }, 0);
    for (const outcome of ['sent', 'lost']) this.#spans.inc({ outcome }, 0);
    for (const outcome of ['signed', 'failed']) this.#hsmSignatures.inc({ outcome }, 0);
  }

  /** What else is counted from the start: operations of the API, functions, listeners. */
  expect({
    operations = [],
    es9plus = [],
    es2plus = [],
    esipa = [],
    listener,
  }: {
    operations?: readonly { operationId: string; success: number }[];
    es9plus?: readonly string[];
    es2plus?: readonly string[];
    esipa?: readonly string[];
    listener?: string;
  }): void {
    for (const { operationId, success } of operations) {
      this.#requests.inc(
        { operation: this.#bounded.operation.name(operationId), status: success },
        0,
      );
    }
    for (const name of es9plus) {
      this.#es9plusCalls.inc({ function: name, code: 'ok' }, 0);
      this.#es9plusSeconds.zero({ function: name });
    }
    for (const name of es2plus) {
      this.#es2plusCalls.inc({ function: name, code: 'ok' }, 0);
      this.#es2plusSeconds.zero({ function: name });
    }
    for (const name of esipa) {
      this.#esipaCalls.inc({ function: name, code: 'ok' }, 0);
      this.#esipaSeconds.zero({ function: name });
    }
    if (esipa.length > 0) for (const outcome of INJECTIONS) this.#injections.inc({ outcome }, 0);
    if (listener !== undefined) {
      this.#handshakeFailures.inc({ listener, reason: this.#bounded.reason.name(CLOSED) }, 0);
    }
  }

  counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[], buckets: number[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }

  gauge(name: string, help: string, labelNames: string[], aggregator: Together): Gauge {
    return new Gauge({ name, help, labelNames, aggregator, registers: [this.registry] });
  }

  /** What is counted in the database, and so is the same for all. */
  sharedCounter(name: string, help: string, labelNames: string[]): Counter {
    const registers = [this.registry];
    return new Counter({ name, help, labelNames, aggregator: 'max', registers });
  }

  /** Runs before each snapshot. It must not take long, and not throw. */
  onCollect(collector: () => void | Promise<void>): void {
    this.#collectors.push(collector);
  }

  async snapshot(): Promise<Snapshot> {
    await Promise.all(this.#collectors.map(async (collect) => collect()));
    return this.registry.getMetricsAsJSON();
  }

  /** @param operation undefined: no operation was meant */
  answered(operation: string | undefined, status: number, ms: number, isStream: boolean): void {
    const name = this.#bounded.operation.name(operation ?? 'none');
    this.#requests.inc({ operation: name, status });
    if (!isStream) this.#requestSeconds.observe({ operation: name }, ms / 1_000);
  }

  /** @param code null: executed */
  es9plusCall(name: string, code: string | null, ms: number): void {
    this.#es9plusCalls.inc({ function: name, code: this.#codeOf(code) });
    this.#es9plusSeconds.observe({ function: name }, ms / 1_000);
  }

  es2plusCall(name: string, code: string | null, ms: number): void {
    this.#es2plusCalls.inc({ function: name, code: this.#codeOf(code) });
    this.#es2plusSeconds.observe({ function: name }, ms / 1_000);
  }

  /** @param code null: executed; `unavailable`: nothing was done */
  esipaCall(name: string, code: string | null, ms: number): void {
    this.#esipaCalls.inc({ function: name, code: this.#codeOf(code) });
    this.#esipaSeconds.observe({ function: name }, ms / 1_000);
  }

  injection(outcome: InjectionOutcome, ms: number): void {
    this.#injections.inc({ outcome });
    this.#injectionSeconds.observe(ms / 1_000);
  }

  /** @param code null: executed; `unavailable`: no answer */
  rentedSmdpCall(name: string, code: string | null): void {
    this.#rentedCalls.inc({ function: name, code: this.#codeOf(code) });
  }

  es12Call(name: string, code: string | null): void {
    this.#es12Calls.inc({ function: name, code: this.#codeOf(code) });
  }

  callbackAttempt(outcome: 'delivered' | 'retried' | 'failed', ms: number): void {
    this.#callbackAttempts.inc({ outcome });
    this.#callbackSeconds.observe(ms / 1_000);
  }

  progressAttempt(outcome: 'delivered' | 'retried' | 'failed' | 'kept', ms: number): void {
    this.#progressAttempts.inc({ outcome });
    this.#progressSeconds.observe(ms / 1_000);
  }

  /** @param ms since the order */
  orderReached(status: string, ms: number): void {
    // The clock may have been set back meanwhile.
    const seconds = Math.max(ms, 0) / 1_000;
    if (status === 'available') this.#availableSeconds.observe(seconds);
    if (status === 'installed') this.#installedSeconds.observe(seconds);
  }

  handshakeFailed(listener: string, reason: string): void {
    this.#handshakeFailures.inc({ listener, reason: this.#bounded.reason.name(reason) });
  }

  crlFetch(outcome: (typeof CRL_FETCHES)[number]): void {
    this.#crlFetches.inc({ outcome });
  }

  jobTurn(loop: string, outcome: 'done' | 'failed', ms: number, now: Date): void {
    this.#jobTurns.inc({ loop, outcome: 'done' }, outcome === 'done' ? 1 : 0);
    this.#jobTurns.inc({ loop, outcome: 'failed' }, outcome === 'failed' ? 1 : 0);
    this.#jobSeconds.inc({ loop }, ms / 1_000);
    if (outcome === 'done') this.#jobLast.set({ loop }, now.getTime() / 1_000);
  }

  auditProblems(count: number): void {
    this.#auditProblems.set(count);
  }

  auditSealed(total: number): void {
    this.#auditEntries.set(total);
  }

  auditChecked(now: Date): void {
    this.#auditChecked.set(now.getTime() / 1_000);
  }

  spans(outcome: 'sent' | 'lost', count: number): void {
    this.#spans.inc({ outcome }, count);
  }

  hsmSignature(outcome: 'signed' | 'failed', ms: number): void {
    this.#hsmSignatures.inc({ outcome });
    if (outcome === 'signed') this.#hsmSeconds.observe(ms / 1_000);
  }

  /** Of many profile types, those beyond the limit are counted together. */
  profileType(name: string): string {
    return this.#bounded.profileType.name(name);
  }

  #codeOf(code: string | null): string {
    return code === null ? 'ok' : this.#bounded.code.name(code);
  }
}
