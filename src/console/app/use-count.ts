import { useEffect, useRef } from 'preact/hooks';
import { api } from './api.ts';
import type { Parameters } from './api.ts';
import type { Count } from './types.ts';
import { useLoad } from './use-load.ts';

/** Counting costs more than a page, and a total may lag a little. */
const SETTLES_MS = 1_000;

/**
 * How many records a list has.
 * @param filter as for the list; undefined: not asked
 */
export function useCount(
  path: string,
  filter: Parameters | undefined,
): { value: Count | undefined; reloadSoon: () => void } {
  const key = filter && `${path} ${JSON.stringify(filter)}`;
  const { value, reload } = useLoad(key, (signal) => api.get<Count>(path, filter, signal));
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  return {
    value: filter === undefined ? undefined : value,
    reloadSoon() {
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        reload();
      }, SETTLES_MS);
    },
  };
}

/** "1,234", "10,000+" */
export function inWords({ count, more }: Count): string {
  return count.toLocaleString() + (more ? '+' : '');
}
