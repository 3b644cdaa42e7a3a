import { useEffect, useRef } from 'preact/hooks';

/** Many changes in quick succession are one. */
const SETTLES_MS = 500;

/** @returns what has something done soon, once however often it is called until then */
export function useSoon(work: () => void): () => void {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => () => clearTimeout(waiting.current), []);
  return () => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      latest.current();
    }, SETTLES_MS);
  };
}
