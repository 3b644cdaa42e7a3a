// What this process is being asked to do, and by whom: known to whatever that begins, without being passed on.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A request of the API or of an operator, or a command. */
export interface Act {
  /** The operation or the command, by its own name. */
  operation: string;
  by: Actor;
  /** The id of the request, if it is one. */
  requestId?: string;
  /** Network address of the client. */
  address?: string;
}

export type Actor =
  /** With its auth token. */
  | { type: 'account'; sid: string }
  /** With an API key, which may do what its scope says. */
  | { type: 'key'; sid: string; scope: string }
  /** Signed in to the console with an auth token or an API key, whose SID it is; `session` tells its sessions apart. */
  | { type: 'console'; sid: string; scope: string; session: string }
  /** Over ES2+. */
  | { type: 'operator'; sid: string }
  /** On the command line: who the operating system says, and where. */
  | { type: 'command'; user: string; host: string }
  /** The server itself, unasked. */
  | { type: 'server' };

const scope = new AsyncLocalStorage<Act>();

export function within<Result>(act: Act, work: () => Result): Result {
  return scope.run(act, work);
}

/** Undefined: the caller is part of none. */
export function currentAct(): Act | undefined {
  return scope.getStore();
}
