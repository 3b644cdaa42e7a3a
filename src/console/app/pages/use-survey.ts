import { useEffect, useState } from 'preact/hooks';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { BatchSurvey } from '../types.ts';
import { send, textOf } from './batch-order.ts';
import type { BatchRequest } from './batch-order.ts';

/** The user is still typing. */
const SETTLES_MS = 300;

export interface Surveyed {
  /** Of the request before while another is on its way. */
  survey?: BatchSurvey;
  problem?: ApiProblem;
  busy: boolean;
}

/** What a batch would do, as the server says; undefined: nothing is asked. */
export function useSurvey(request: BatchRequest | undefined): Surveyed {
  const [state, setState] = useState<Surveyed>({ busy: false });
  const text = request && textOf(request);
  useEffect(() => {
    if (request === undefined) {
      setState({ busy: false });
      return undefined;
    }
    setState((old) => ({ ...old, busy: true }));
    let isWanted = true;
    let abort = () => {};
    const timer = setTimeout(() => {
      const sending = send<BatchSurvey>(request);
      abort = sending.abort;
      sending.done.then(
        (survey) => isWanted && setState({ survey, busy: false }),
        (error: unknown) => isWanted && setState({ problem: toProblem(error), busy: false }),
      );
    }, SETTLES_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
      abort();
    };
  }, [text, request?.body]);
  return state;
}
