// What is going to happen on a machine, in its order: by time, and what is due at the same time as it was asked for.
import type { Program } from './machine.ts';

export interface Task {
  /** When it happens, in terms of `Machine.elapsed`. */
  at: number;
  /** When it should have happened; earlier than `at` if its program was frozen then. */
  due: number;
  program: Program;
  work: () => void;
  isCancelled: boolean;
}

type Entry = Task & { order?: number };

/** A binary heap. */
export class TaskQueue {
  readonly #heap: Entry[] = [];
  #count = 0;

  add(task: Entry): void {
    task.order ??= this.#count++;
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(task, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = task;
  }

  next(): Task | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return (left.at - right.at || left.due - right.due || left.order! - right.order!) < 0;
}
