// In a server's first process: connects its workers with one another, and counts for all of them.
import type { ServerCounts } from '../process/server-counts.ts';
import { OwnCounts } from '../process/server-counts.ts';
import type { Count, FromWorker, Question, ToWorker } from './messages.ts';

type Send = (message: ToWorker) => void;

/** A question under way, by the worker that asks and its number for it. */
interface Asked {
  /** Workers that have not answered yet. */
  awaited: Set<number>;
}

export class Switchboard {
  readonly #sends: ReadonlyMap<number, Send>;
  readonly #counts = new OwnCounts();
  readonly #asked = new Map<string, Asked>();

  /** @param sends to those that serve, by number */
  constructor(sends: ReadonlyMap<number, Send>) {
    this.#sends = sends;
  }

  /** @returns whether the message was for us */
  take(from: number, message: FromWorker): boolean {
    switch (message.kind) {
      case 'tell':
        for (const [number, send] of this.#sends) if (number !== from) send(message);
        return true;
      case 'ask':
        this.#ask(from, message);
        return true;
      case 'answer':
        this.#answer(from, message.to, message.id, message.value);
        return true;
      case 'count':
        void this.#count(from, message);
        return true;
      case 'ready':
      case 'serving':
      case 'counted':
        return false;
      default:
        return message satisfies never;
    }
  }

  /** A worker has died: nothing is awaited of it any more, and what it was counted for is over. */
  forget(number: number): void {
    this.#counts.forget(number);
    for (const [key, { awaited }] of this.#asked) {
      const [from, id] = key.split(' ').map(Number) as [number, number];
      if (from === number) this.#asked.delete(key);
      else if (awaited.has(number)) this.#answer(number, from, id, undefined);
    }
  }

  #ask(from: number, question: Question): void {
    const others = [...this.#sends].filter(([number]) => number !== from);
    const key = `${from} ${question.id}`;
    this.#asked.set(key, { awaited: new Set(others.map(([number]) => number)) });
    for (const [, send] of others) send({ ...question, from });
    if (others.length === 0) this.#settle(from, question.id, undefined);
  }

  #answer(by: number, to: number, id: number, value: unknown): void {
    const asked = this.#asked.get(`${to} ${id}`);
    if (asked?.awaited.delete(by) !== true) return;
    if (value !== undefined || asked.awaited.size === 0) this.#settle(to, id, value);
  }

  #settle(to: number, id: number, value: unknown): void {
    this.#asked.delete(`${to} ${id}`);
    this.#sends.get(to)?.({ kind: 'answer', id, value });
  }

  async #count(from: number, { id, what, name }: Count): Promise<void> {
    const value = await countOf(this.#counts, what, name, from);
    this.#sends.get(from)?.({ kind: 'answer', id, value });
  }
}

function countOf(counts: OwnCounts, what: keyof ServerCounts, name: string, from: number) {
  return what === 'beginImport' ? counts.beginImport(name, from) : counts[what](name);
}
