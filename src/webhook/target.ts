// Which addresses a callback may go to, checked on the address that is connected to.
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { isIP } from 'node:net';

/** Whether callbacks may go to an address. */
export type Guard = (address: string) => boolean;

/** The callback's host is an address, or resolves to one, that callbacks may not go to. */
export class TargetRefused extends Error {
  override name = 'TargetRefused';
}

/** Throws `TargetRefused` when the URL names a refused address outright; such a host is not looked up. */
export function checkHost(host: string, guard: Guard): void {
  if (isIP(host) !== 0 && !guard(host)) throw new TargetRefused(`${host} is not allowed`);
}

/** Gives all addresses of a name. */
export type Resolve = (
  hostname: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves a host name for a connection, which goes to what it gives and asks no second time; fails when
 * any of its addresses is refused.
 */
export function guardedLookup(resolve: Resolve, guard: Guard | undefined): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, addresses) => {
      const refused =
        guard === undefined ? undefined : addresses?.find(({ address }) => !guard(address));
      if (error === null && refused !== undefined) {
        error = new TargetRefused(`${hostname} is ${refused.address}, which is not allowed`);
      }
      if (error !== null || options.all) return callback(error, addresses);
      const [first] = addresses;
      return callback(null, first!.address, first!.family);
    });
  };
}

/** The last word: before the first byte is sent, the address that the connection has reached. */
export function checkConnected(socket: Socket, guard: Guard): void {
  socket.prependOnceListener('connect', () => {
    const address = socket.remoteAddress ?? '';
    if (!guard(address)) {
      socket.destroy(new TargetRefused(`it is connected to ${address}, which is not allowed`));
    }
  });
}
