// Which addresses a request to another server may go to, checked on the address actually connected to.
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { isIP } from 'node:net';

/** Whether requests may go to an address. */
export type Guard = (address: string) => boolean;

/** The host is, or resolves to, an address that requests may not go to. */
export class TargetRefused extends Error {
  override name = 'TargetRefused';
}

/** Throws `TargetRefused` if the host is itself a refused address, which is never looked up. */
export function checkHost(host: string, guard: Guard): void {
  if (isIP(host) !== 0 && !guard(host)) throw new TargetRefused(`${host} is not allowed`);
}

/** Resolves all addresses of a name. */
export type Resolve = (
  hostname: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves a host name for a connection, which uses the result without a second lookup; fails if any of the addresses
 * is refused.
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

/** The final check, on the address that was reached, before the first byte is sent. */
export function checkConnected(socket: Socket, guard: Guard): void {
  socket.prependOnceListener('connect', () => {
    const address = socket.remoteAddress ?? '';
    if (!guard(address)) {
      socket.destroy(new TargetRefused(`it is connected to ${address}, which is not allowed`));
    }
  });
}
