import { useEffect, useRef, useState } from 'preact/hooks';
import { toProblem } from './http.ts';
import type { ApiProblem } from './http.ts';

/** Nobody needs to be told of a wait that is shorter. */
const SLOW_MS = 150;
const KEPT = 100;

/** What was loaded last, by key: shown at once when a person comes back, and loaded again. */
const kept = new Map<string, unknown>();

export function forgetLoaded(): void {
  kept.clear();
}

export interface Loaded<T> {
  value: T | undefined;
  problem: ApiProblem | undefined;
  loading: boolean;
  /** It has been loading for so long that this should be seen. */
  slow: boolean;
  reload: () => void;
  change: (how: (value: T) => T) => void;
}

interface State<T> {
  key: string | undefined;
  value: T | undefined;
  problem: ApiProblem | undefined;
  loading: boolean;
}

/**
 * @param key of what is wanted; undefined: nothing yet
 * @param keepOther whether what another key had is shown until this one is there
 */
export function useLoad<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  keepOther = false,
): Loaded<T> {
  const [state, setState] = useState<State<T>>({
    key,
    value: key === undefined ? undefined : (kept.get(key) as T | undefined),
    problem: undefined,
    loading: true,
  });
  const [slow, setSlow] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  /** Whether the value was changed while another was on its way, which may be the older one. */
  const overtaken = useRef(false);
  /** Of which key the value is. */
  const valueKey = useRef(state.value === undefined ? undefined : key);

  useEffect(() => {
    if (key === undefined) return undefined;
    const aborter = new AbortController();
    if (kept.has(key)) valueKey.current = key;
    setState((old) => ({
      key,
      value:
        old.key === key
          ? old.value
          : ((kept.get(key) as T | undefined) ?? (keepOther ? old.value : undefined)),
      problem: old.key === key ? old.problem : undefined,
      loading: true,
    }));
    overtaken.current = false;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    latest.current(aborter.signal).then(
      (value) => {
        if (aborter.signal.aborted) return;
        if (overtaken.current) return setRound((count) => count + 1);
        keep(key, value);
        valueKey.current = key;
        settle({ key, value, problem: undefined, loading: false });
      },
      (error: unknown) => {
        if (aborter.signal.aborted) return;
        settle((old) => ({
          key,
          // What another key had is not what could not be loaded.
          value: valueKey.current === key ? old.value : undefined,
          problem: toProblem(error),
          loading: false,
        }));
      },
    );
    function settle(next: State<T> | ((old: State<T>) => State<T>)): void {
      clearTimeout(timer);
      setSlow(false);
      setState(next);
    }
    return () => {
      aborter.abort();
      clearTimeout(timer);
    };
  }, [key, round]);

  const isOther = state.key !== key && !keepOther;
  const remembered = key === undefined ? undefined : (kept.get(key) as T | undefined);
  return {
    value: isOther ? remembered : state.value,
    problem: state.key === key ? state.problem : undefined,
    loading: state.loading || state.key !== key,
    slow,
    reload: () => setRound((count) => count + 1),
    change: (how) => {
      overtaken.current = true;
      setState((old) => {
        if (old.value === undefined) return old;
        const value = how(old.value);
        if (old.key !== undefined) keep(old.key, value);
        return { ...old, value };
      });
    },
  };
}

function keep(key: string, value: unknown): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}
