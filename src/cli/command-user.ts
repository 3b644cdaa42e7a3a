// Who calls a command, as far as the operating system says.
import { hostname, userInfo } from 'node:os';
import { sudoUser } from '../config.ts';
import type { Actor } from '../process/request-scope.ts';

export function commandUser(): Actor {
  const sudo = sudoUser();
  const user = sudo === undefined ? ownName() : `${ownName()}(sudo ${sudo})`;
  return { type: 'command', user, host: hostname() };
}

/** In a container, the user need not have a name. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
