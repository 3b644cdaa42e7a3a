// Service tables: EF.UST (TS 31.102 §4.2.8) and EF.IST (TS 31.103 §4.2.7); service n is bit (n − 1)
// from the first byte's b1.
import { SaipError } from './saip-error.ts';

export function encodeServiceTable(services: readonly number[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const service of services) {
    if (!Number.isInteger(service) || service < 1 || service > 8 * size) {
      throw new SaipError('bad-value', 'service table', `services 1 to ${8 * size}`, `${service}`);
    }
    const at = (service - 1) >> 3;
    bytes[at] = (bytes[at] ?? 0) | (1 << ((service - 1) & 7));
  }
  return bytes;
}

export function decodeServiceTable(bytes: Uint8Array): number[] {
  return Array.from({ length: 8 * bytes.length }, (_, i) => i + 1).filter(
    (service) => ((bytes[(service - 1) >> 3] ?? 0) >> ((service - 1) & 7)) & 1,
  );
}
