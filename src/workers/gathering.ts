// In a server's first process: the metrics of its workers, also of those that have died.
import { countedBy } from '../metrics/merge.ts';
import type { Snapshot } from '../metrics/metrics.ts';
import type { ToWorker } from './messages.ts';

/** Longer than a worker waits for the database. One that has not answered by then counts as when it last did. */
const PATIENCE_MS = 2_000;

type Send = (message: ToWorker) => void;

export class Gathering {
  readonly #sends: ReadonlyMap<number, Send>;
  /** As the workers that serve have last said. */
  readonly #last = new Map<number, Snapshot>();
  /** What those that have died had counted, as last said. */
  #ended: Promise<Snapshot> = Promise.resolve([]);
  readonly #awaited = new Map<number, Set<() => void>>();

  /** @param sends to those that serve, by number */
  constructor(sends: ReadonlyMap<number, Send>) {
    this.#sends = sends;
  }

  /** The metrics of all workers. */
  async snapshots(): Promise<Snapshot[]> {
    await Promise.all([...this.#sends].map(([number, send]) => this.#ask(number, send)));
    return [...this.#last.values(), await this.#ended];
  }

  take(number: number, snapshot: Snapshot): void {
    this.#last.set(number, snapshot);
    this.#answered(number);
  }

  /** A worker has died: its counts stay, so that no sum goes back. */
  forget(number: number): void {
    const last = this.#last.get(number);
    this.#last.delete(number);
    this.#answered(number);
    if (last === undefined) return;
    this.#ended = this.#ended.then((ended) => countedBy([ended, last]));
  }

  async #ask(number: number, send: Send): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PATIENCE_MS);
    const waiting = this.#awaited.get(number) ?? new Set();
    this.#awaited.set(number, waiting.add(resolve));
    send({ kind: 'count yourself' });
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
  }

  #answered(number: number): void {
    const waiting = this.#awaited.get(number);
    this.#awaited.delete(number);
    for (const resolve of waiting ?? []) resolve();
  }
}
