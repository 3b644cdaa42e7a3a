import { useEffect, useRef, useState } from 'preact/hooks';
import { toProblem } from './http.ts';
import type { ApiProblem } from './http.ts';

/** A shorter wait needs no indication. */
const SLOW_MS = 150;
const KEPT = 100;

/** The last value of each key: shown at once when the user returns, while it is loaded again. */
const kept = new Map<string, unknown>();

export function forgetLoaded(): void {
  kept.clear();
}

export interface Loaded<T> {
  value: T | undefined;
  problem: ApiProblem | undefined;
  loading: boolean;
  /** Loading takes long enough to be indicated. */
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
 * @param key identifies what to load; undefined: nothing yet
 * @param keepOther whether the previous key's value is shown until this one is loaded
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
  /** Whether the value was changed during a load, whose result may then be older. */
  const overtaken = useRef(false);
  /** The key of the current value. */
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
          // Do not show another key's value beside this error.
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
