// The network of a client, for limits: one that has many addresses of a network must not have as many chances.
import { isIPv6 } from 'node:net';

/** @returns an IPv4 address itself, also if it is mapped (RFC 4291 §2.5.5.2); of an IPv6 address, its /64 (RFC 6177) */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [unzoned = ''] = address.split('%');
  if (!isIPv6(unzoned)) return address;
  const [head = '', tail] = unzoned.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups.
  const groups = before.length + after.length + (unzoned.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? 0 : 8 - groups;
  const whole = [...before, ...Array<string>(zeros).fill('0'), ...after];
  const network = whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
