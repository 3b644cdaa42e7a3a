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

interface Found extends Omit<Surveyed, 'busy'> {
  text?: string;
  body?: BatchRequest['body'];
}

/** What a batch would do, as the server says; undefined: nothing is asked. */
export function useSurvey(request: BatchRequest | undefined): Surveyed {
  const [found, setFound] = useState<Found>({});
  const text = request && textOf(request);
  useEffect(() => {
    if (request === undefined || text === undefined) {
      setFound({});
      return undefined;
    }
    const of = { text, body: request.body };
    let isWanted = true;
    let abort = () => {};
    const timer = setTimeout(() => {
      const sending = send<BatchSurvey>(request);
      abort = sending.abort;
      sending.done.then(
        (survey) => isWanted && setFound({ ...of, survey }),
        (error: unknown) => isWanted && setFound({ ...of, problem: toProblem(error) }),
      );
    }, SETTLES_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
      abort();
    };
  }, [text, request?.body]);
  const isCurrent = found.text === text && found.body === request?.body;
  return { ...found, busy: request !== undefined && !isCurrent };
}
