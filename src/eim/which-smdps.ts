// The SM-DP+s from which the eIM downloads: ours, or the rented one, and those of others that a setting allows.
import type { Config } from '../config.ts';

export interface WhichSmdps {
  /** Whether profiles that were asked for are downloaded from it. @param smdpAddress host, with its port if it is not 443 */
  reaches: (smdpAddress: string) => boolean;
  /** Whether the settings name it: then it may be called whoever asks for it. */
  isNamed: (smdpAddress: string) => boolean;
  /** Whether it is the one in this process. */
  isBuiltIn: (smdpAddress: string) => boolean;
}

type Settings = Pick<Config, 'smdpAddress' | 'rentedSmdp' | 'eimSmdps'>;

/** @param config whose port of ES9+ is known once that listens */
export function whichSmdps(config: () => Settings): WhichSmdps {
  const isOwn = (address: string) =>
    ownAddresses(config()).some((own) => plain(own) === plain(address));
  function isNamed(address: string): boolean {
    const { eimSmdps } = config();
    return isOwn(address) || (eimSmdps !== 'any' && eimSmdps.some((one) => fits(one, address)));
  }
  return {
    isNamed,
    reaches: (address) => config().eimSmdps === 'any' || isNamed(address),
    isBuiltIn: (address) => config().rentedSmdp === undefined && isOwn(address),
  };
}

function ownAddresses({ smdpAddress, rentedSmdp }: Settings): string[] {
  // The port of its URL is that of ES2+.
  return rentedSmdp === undefined ? [smdpAddress] : [smdpAddress, new URL(rentedSmdp.url).hostname];
}

/** @param pattern a host, with its port if it is not 443, or `*.DOMAIN` */
function fits(pattern: string, address: string): boolean {
  return pattern.startsWith('*.')
    ? plain(address).endsWith(plain(pattern.slice(1)))
    : plain(address) === plain(pattern);
}

const plain = (address: string) => address.toLowerCase().replace(/:443$/, '');
