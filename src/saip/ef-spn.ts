// EF.SPN, TS 31.102 §4.2.12: the display condition, then the service provider's name in 16 bytes.
import { decodeAlpha, encodeAlpha } from './alpha-identifier.ts';
import { SaipError } from './saip-error.ts';

export interface ServiceProviderName {
  name: string;
  displayPlmn: boolean; // b1: in the home network, also show the network's name
  hideInRoaming: boolean; // b2: in networks not listed in EF.SPDI, do not show this name
}

const SIZE = 17;

export function encodeEfSpn(spn: ServiceProviderName): Uint8Array {
  const condition = (spn.displayPlmn ? 1 : 0) | (spn.hideInRoaming ? 2 : 0);
  return Uint8Array.of(condition, ...encodeAlpha('ef-spn', spn.name, SIZE - 1));
}

export function decodeEfSpn(bytes: Uint8Array): ServiceProviderName {
  if (bytes.length !== SIZE) {
    throw new SaipError('bad-size', 'ef-spn', `${SIZE} bytes`, `${bytes.length}`);
  }
  const condition = bytes[0] ?? 0;
  return {
    name: decodeAlpha('ef-spn', bytes.subarray(1)),
    displayPlmn: (condition & 1) !== 0,
    hideInRoaming: (condition & 2) !== 0,
  };
}
