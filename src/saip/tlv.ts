// Reads the TLVs of a profile package; DER errors name the place.
import { DerError } from '../rsp/der-error.ts';
import { DerReader } from '../rsp/der.ts';
import type { Tlv } from '../rsp/der.ts';
import { SaipError } from './saip-error.ts';

/** Reads TLVs until the bytes end; `where` names them in an error. */
export function readTlvs(bytes: Uint8Array, where: string): Tlv[] {
  const reader = new DerReader(bytes);
  const tlvs: Tlv[] = [];
  try {
    while (!reader.isAtEnd) tlvs.push(reader.next());
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new SaipError('malformed', where, 'DER', error.message, error);
  }
  return tlvs;
}

/** The first byte of a tag: its class and form, X.690 §8.1.2. */
export function leadingByte(tag: number): number {
  let first = tag;
  while (first > 0xff) first >>>= 8;
  return first;
}
