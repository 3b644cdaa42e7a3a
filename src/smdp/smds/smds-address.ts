// The address of an SM-DS, in settings, orders and the database.
import { isServerAddress } from '../../rsp/activation-code.ts';

export interface SmdsAddress {
  /** Host in lower case, with its port if it is not 443. */
  readonly address: string;
  /** §3.6.1: whether it is to forward events to the root SM-DS, of which it is an alternative. */
  readonly forwards: boolean;
}

const FORWARDS = '+forward';

/** Reads `HOST[:PORT]` or `HOST[:PORT]+forward`; undefined if it is neither. */
export function parseSmdsAddress(text: string): SmdsAddress | undefined {
  const forwards = text.endsWith(FORWARDS);
  const given = (forwards ? text.slice(0, -FORWARDS.length) : text).toLowerCase();
  const [, host = '', port] = /^([^:]*)(?::(\d+))?$/.exec(given) ?? [];
  if (!isServerAddress(given) || !/^[a-z0-9]/.test(host)) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  const address = port === undefined || Number(port) === 443 ? host : `${host}:${Number(port)}`;
  return { address, forwards };
}

/** For the column of an order. */
export function formatSmdsAddresses(addresses: readonly SmdsAddress[]): string {
  return addresses
    .map(({ address, forwards }) => (forwards ? `${address}${FORWARDS}` : address))
    .join(' ');
}

/** From the column of an order. */
export function parseSmdsAddresses(column: string): SmdsAddress[] {
  return column.split(' ').flatMap((text) => parseSmdsAddress(text) ?? []);
}
