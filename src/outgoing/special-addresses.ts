// Addresses outside the public Internet: IANA's special-purpose registries (RFC 6890, RFC 8190; IPv4 as of October
// 2024, IPv6 as of April 2025), and ranges that other IANA registries do not assign to hosts.
import { isIP } from 'node:net';

type Range = readonly [range: string, name: string, reference: string];

const IPV4: readonly Range[] = [
  ['0.0.0.0/8', 'this network', 'RFC 791 §3.2'],
  ['0.0.0.0/32', 'this host on this network', 'RFC 1122 §3.2.1.3'],
  ['10.0.0.0/8', 'private use', 'RFC 1918'],
  ['100.64.0.0/10', 'shared address space', 'RFC 6598'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122 §3.2.1.3'],
  ['169.254.0.0/16', 'link local, where clouds answer with credentials', 'RFC 3927'],
  ['172.16.0.0/12', 'private use', 'RFC 1918'],
  ['192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890 §2.1'],
  ['192.0.0.0/29', 'IPv4 service continuity', 'RFC 7335'],
  ['192.0.0.8/32', 'IPv4 dummy address', 'RFC 7600'],
  ['192.0.0.9/32', 'port control protocol anycast', 'RFC 7723'],
  ['192.0.0.10/32', 'TURN anycast', 'RFC 8155'],
  ['192.0.0.170/31', 'NAT64/DNS64 discovery', 'RFC 8880'],
  ['192.0.2.0/24', 'documentation', 'RFC 5737'],
  ['192.31.196.0/24', 'AS112-v4', 'RFC 7535'],
  ['192.52.193.0/24', 'AMT', 'RFC 7450'],
  ['192.88.99.0/24', '6to4 relay anycast, deprecated', 'RFC 7526'],
  ['192.168.0.0/16', 'private use', 'RFC 1918'],
  ['192.175.48.0/24', 'direct delegation AS112', 'RFC 7534'],
  ['198.18.0.0/15', 'benchmarking', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', 'RFC 5737'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771'],
  ['240.0.0.0/4', 'reserved', 'RFC 1112 §4'],
  ['255.255.255.255/32', 'limited broadcast', 'RFC 919 §7'],
];

const IPV6: readonly Range[] = [
  ['::1/128', 'loopback', 'RFC 4291 §2.5.3'],
  ['::/128', 'unspecified', 'RFC 4291 §2.5.2'],
  ['::/96', 'IPv4-compatible, deprecated', 'RFC 4291 §2.5.5.1'],
  ['::ffff:0:0:0/96', 'IPv4-translated', 'RFC 2765 §2.1'],
  ['64:ff9b:1::/48', 'IPv4-IPv6 translation, local use', 'RFC 8215'],
  ['100::/64', 'discard only', 'RFC 6666'],
  ['100:0:0:1::/64', 'dummy prefix', 'RFC 9780'],
  ['2001::/23', 'IETF protocol assignments', 'RFC 2928'],
  ['2001::/32', 'Teredo', 'RFC 4380'],
  ['2001:1::1/128', 'port control protocol anycast', 'RFC 7723'],
  ['2001:1::2/128', 'TURN anycast', 'RFC 8155'],
  ['2001:1::3/128', 'DNS-SD registration anycast', 'RFC 9665'],
  ['2001:2::/48', 'benchmarking', 'RFC 5180'],
  ['2001:3::/32', 'AMT', 'RFC 7450'],
  ['2001:4:112::/48', 'AS112-v6', 'RFC 7535'],
  ['2001:10::/28', 'ORCHID, deprecated', 'RFC 4843'],
  ['2001:20::/28', 'ORCHIDv2', 'RFC 7343'],
  ['2001:30::/28', 'drone remote ID', 'RFC 9374'],
  ['2001:db8::/32', 'documentation', 'RFC 3849'],
  ['2002::/16', '6to4', 'RFC 3056'],
  ['2620:4f:8000::/48', 'direct delegation AS112', 'RFC 7534'],
  ['3fff::/20', 'documentation', 'RFC 9637'],
  ['5f00::/16', 'SRv6 SIDs', 'RFC 9602'],
  ['fc00::/7', 'unique local', 'RFC 4193'],
  ['fe80::/10', 'link local', 'RFC 4291 §2.5.6'],
  ['fec0::/10', 'site local, deprecated', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'RFC 4291 §2.7'],
];

/** The range that IANA assigns to hosts; the rest is special or reserved (RFC 4291 §2.4, RFC 3513 §4). */
const GLOBAL_UNICAST = parseRange('2000::/3');
/** IPv6 ranges that embed an IPv4 address at the end, and are as public as that: RFC 4291 §2.5.5.2, RFC 6052 §2.1. */
const TRANSLATED = ['::ffff:0:0/96', '64:ff9b::/96'].map(parseRange);
const SPECIAL_IPV4 = IPV4.map(([range]) => parseRange(range));
const SPECIAL_IPV6 = IPV6.map(([range]) => parseRange(range));

/** Whether an address is on the public Internet. */
export function isPublicAddress(address: string): boolean {
  const bytes = parseAddress(address);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return !SPECIAL_IPV4.some((range) => contains(range, bytes));
  const ipv4 = bytes.slice(12);
  if (TRANSLATED.some((range) => contains(range, bytes))) return isPublicAddress(ipv4.join('.'));
  if (!contains(GLOBAL_UNICAST, bytes)) return false;
  if (SPECIAL_IPV6.some((range) => contains(range, bytes))) return false;
  return !isIsatap(bytes) || isPublicAddress(ipv4.join('.'));
}

/** An interface identifier that ends with an IPv4 address, below any prefix (RFC 5214 §6.1). */
function isIsatap(bytes: readonly number[]): boolean {
  const [flags, ...rest] = bytes.slice(8, 12);
  return (flags! & 0xfd) === 0 && rest.join() === '0,94,254';
}

interface ParsedRange {
  network: readonly number[];
  bits: number;
}

function parseRange(range: string): ParsedRange {
  const [network = '', bits] = range.split('/');
  return { network: parseAddress(network)!, bits: Number(bits) };
}

function contains({ network, bits }: ParsedRange, bytes: readonly number[]): boolean {
  if (network.length !== bytes.length) return false;
  return network.every((byte, index) => {
    const counted = Math.min(Math.max(bits - index * 8, 0), 8);
    return (byte ^ bytes[index]!) >> (8 - counted) === 0;
  });
}

/** @returns 4 or 16 bytes; undefined if the text is not an address */
function parseAddress(text: string): number[] | undefined {
  const family = isIP(text);
  if (family === 0) return undefined;
  if (family === 4) return text.split('.').map(Number);
  const groups = text.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets) => {
    const [a, b, c, d] = octets.slice(0, 4).map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = [], tail = []] = groups
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...middle, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
