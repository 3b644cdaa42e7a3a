// Which addresses a callback may go to, checked on the address that is connected to.
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { BlockList, isIP } from 'node:net';

/** The callback's host is an address, or resolves to one, that callbacks may not go to. */
export class TargetRefused extends Error {
  override name = 'TargetRefused';
}

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['64:ff9b::', 96], // NAT64
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6');
}

/** Whether an address is not of the public Internet. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/i.exec(address);
  if (mapped) {
    const bits = (Number.parseInt(mapped[1]!, 16) << 16) | Number.parseInt(mapped[2]!, 16);
    return isPrivateAddress([24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.'));
  }
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return isPrivateAddress(dotted);
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Throws `TargetRefused` when the URL names a private address outright. */
export function requirePublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isPrivateAddress(host)) {
    throw new TargetRefused(`callbacks may not go to ${host}, which is a private address`);
  }
}

/** Resolves a host name for a connection, and fails when an address of it is private. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const refused = addresses?.find(({ address }) => isPrivateAddress(address));
    if (error === null && refused !== undefined) {
      error = new TargetRefused(
        `callbacks may not go to ${hostname}, which is the private address ${refused.address}`,
      );
    }
    if (error !== null || options.all) return callback(error, addresses);
    const [first] = addresses;
    return callback(null, first!.address, first!.family);
  });
};
