import { useEffect, useState } from 'preact/hooks';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Selection } from '../selection.ts';
import { collect } from './collect.ts';
import type { Selected } from './collect.ts';

export interface Collected {
  /** Undefined until all are there. */
  selected: Selected[] | undefined;
  /** How many are there so far. */
  count: number;
  problem: ApiProblem | undefined;
}

/** The selected eSIM Profiles, as they were when this was first called. */
export function useCollected(chosen: Selection): Collected {
  const [state, setState] = useState<Collected>({
    selected: undefined,
    count: 0,
    problem: undefined,
  });
  useEffect(() => {
    const aborter = new AbortController();
    collect(chosen, aborter.signal, (count) => setState((old) => ({ ...old, count }))).then(
      (selected) => setState({ selected, count: selected.length, problem: undefined }),
      (error: unknown) => {
        if (aborter.signal.aborted) return;
        setState((old) => ({ ...old, problem: toProblem(error) }));
      },
    );
    return () => aborter.abort();
  }, []);
  return state;
}
