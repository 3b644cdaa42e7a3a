// A whole list, newest first, a page at a time. What is read is what a list page would show at that moment, so each
// record appears at most once, and none that was created after the walk began.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Page, Position } from '../../store/pages.ts';

/** Read and rendered within about a millisecond, so that other requests hardly wait. */
const AT_ONCE = 100;

export interface Walk {
  /** Only records after this SID in the list. */
  after?: string | undefined;
  /** Aborted when nobody wants the rest. */
  signal?: AbortSignal | undefined;
}

/** Yields pages that are not empty. Throws the signal's reason when it is aborted. */
export async function* walk<Row extends { sid: string }>(
  read: (position: Position, size: number) => Promise<Page<Row>>,
  { after, signal }: Walk = {},
): AsyncGenerator<Row[]> {
  let position: Position = after === undefined ? { kind: 'first' } : { kind: 'older', than: after };
  for (;;) {
    signal?.throwIfAborted();
    const { rows, more, end } = await read(position, AT_ONCE);
    if (rows.length > 0) yield rows;
    if (!more) return;
    position = { kind: 'older', than: end ?? rows.at(-1)!.sid };
    await nextTurn();
  }
}
