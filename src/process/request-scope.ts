// Which request of the API this process is carrying out: known to whatever the request begins, without being passed on.
import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<string>();

/** Runs `work` as part of a request. */
export function withinRequest<Result>(requestId: string, work: () => Result): Result {
  return scope.run(requestId, work);
}

/** The id of the request that the caller is part of; undefined: of none. */
export function currentRequest(): string | undefined {
  return scope.getStore();
}
