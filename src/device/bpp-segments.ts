// Splits a bound profile package into the segments that go to the eUICC (§2.5.5), which the LPA does not interpret.
import { DerReader, readDer } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';

/** Reads tag and length at the start of bytes that may lack part of the contents; `size` is that of tag and length. */
export function readHeader(bytes: Uint8Array): { tag: number; size: number; length: number } {
  const [first = 0, second = 0] = bytes;
  const tagSize = (first & 0x1f) === 0x1f ? 2 : 1;
  const tag = tagSize === 2 ? first * 256 + second : first;
  const lengthByte = bytes[tagSize] ?? 0x80;
  const lengthSize = lengthByte < 0x80 ? 0 : lengthByte - 0x80;
  const size = tagSize + 1 + lengthSize;
  if (lengthByte === 0x80 || lengthSize > 3 || bytes.length < size) {
    throw new DerError('missing tag and length', 0);
  }
  const length =
    lengthSize === 0 ? lengthByte : Buffer.from(bytes).readUIntBE(tagSize + 1, lengthSize);
  return { tag, size, length };
}

/**
 * The header with InitialiseSecureChannel; ConfigureISDP; the header of the metadata and each of its
 * segments; the session keys if they are replaced; the header of the profile and each of its segments.
 */
export function segmentBoundProfilePackage(der: Uint8Array): Uint8Array[] {
  const bpp = readDer(der);
  if (bpp.tag !== 0xbf36) throw new DerError('not a BoundProfilePackage', 0);
  const reader = DerReader.inside(bpp);
  const { contentsOffset, contents } = reader.expect(0xbf23, 'initialiseSecureChannelRequest');
  const segments = [der.subarray(0, contentsOffset + contents.length)];
  while (!reader.isAtEnd) {
    const sequence = reader.next();
    if (sequence.tag !== 0xa1 && sequence.tag !== 0xa3) {
      segments.push(sequence.der);
      continue;
    }
    segments.push(der.subarray(sequence.offset, sequence.contentsOffset));
    for (const inner = DerReader.inside(sequence); !inner.isAtEnd;) {
      segments.push(inner.next().der);
    }
  }
  return segments;
}
