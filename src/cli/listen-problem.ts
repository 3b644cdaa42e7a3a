// What to do about a port or an address that a server cannot listen on.
import type { Config } from '../config.ts';
import { listenersOf } from '../config/listeners.ts';
import { UserError } from './user-error.ts';

const LISTEN_PROBLEMS: Record<string, string> = {
  EACCES: 'permission denied; ports below 1024 require root, so set SIMWRIGHT_PORT to another',
  EADDRINUSE: 'another program is using it; stop it, or set SIMWRIGHT_PORT to another port',
  EADDRNOTAVAIL: 'this machine has no such address; set SIMWRIGHT_HOST to one that it has',
  ENOTFOUND: 'the host does not exist; set SIMWRIGHT_HOST to an address of this machine',
};

/** Node's error for a failed `listen`, in a worker `bind`, or for a name that cannot be resolved. */
interface ListenError extends NodeJS.ErrnoException {
  address?: string;
  port?: number;
  hostname?: string;
}

/** @returns undefined if the error is about something else */
export function listenProblem(error: ListenError, config: Config): UserError | undefined {
  const { code = '', syscall = '' } = error;
  const problem = LISTEN_PROBLEMS[code];
  if (problem === undefined || !['listen', 'bind', 'getaddrinfo'].includes(syscall))
    return undefined;
  const { setting, host, port } = listenerOf(error, config);
  const advice = problem.replaceAll('SIMWRIGHT_', setting);
  return new UserError(`Cannot listen on ${host}, port ${port}: ${advice}`);
}

/** Which listener failed: determined by its address or, if several share one, by its port. */
function listenerOf({ address, port, hostname = address }: ListenError, config: Config) {
  const listeners = listenersOf(config);
  const here = listeners.filter(({ host }) => host === hostname);
  const likely = here.length > 0 ? here : listeners;
  return likely.find((one) => one.port === port) ?? likely[0]!;
}
