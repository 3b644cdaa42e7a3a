// The protection of a bound profile package's segments (§2.6.4.3, §2.6.4.4; SCP03t): AES-CBC and chained CMAC.
import { createCipheriv, createDecipheriv, timingSafeEqual, type Cipheriv } from 'node:crypto';
import { CmacChain, xorInto } from './cmac-chain.ts';
import { encodeHeader, readDer } from './der.ts';
import { DerError } from './der-error.ts';
import type { SessionKeys } from './session-keys.ts';
import { VerifyError } from './verify-error.ts';

const BLOCK = 16;
const MAC_SIZE = 8; // §2.6.4.4: the first half of the CMAC
export const MAX_SEGMENT = 1020; // §2.5.3, tag, length and MAC included
const MAX_PAYLOAD = MAX_SEGMENT - 4 - MAC_SIZE; // tag and a length of three bytes
const MAX_PLAINTEXT = MAX_PAYLOAD - 1; // at least one byte of padding

/** Encrypted and authenticated, or authenticated only. */
export type SegmentTag = 0x86 | 0x87 | 0x88;

/**
 * One direction of a secure channel. Counter and chaining value continue from call to call, so segments must be
 * protected, or unprotected, in the order of sending.
 */
export class BppProtection {
  readonly #sEnc: Uint8Array;
  readonly #macs: CmacChain;
  readonly #ecb: Cipheriv;
  readonly #cbc: Cipheriv;
  /** The last block of output of `#cbc`. */
  #before: Uint8Array = new Uint8Array(BLOCK);
  #counter = 1; // §2.6.4.4: for the first segment

  constructor({ sEnc, sMac, initialMacChainingValue }: SessionKeys) {
    this.#sEnc = sEnc;
    this.#macs = new CmacChain(sMac, initialMacChainingValue);
    this.#ecb = createCipheriv('aes-128-ecb', sEnc, null).setAutoPadding(false);
    this.#cbc = createCipheriv('aes-128-cbc', sEnc, this.#before).setAutoPadding(false);
  }

  /** Splits bytes into protected segments of at most 1020 bytes: '86' and '87' encrypted, '88' in clear. */
  protect(tag: SegmentTag, plaintext: Uint8Array): Uint8Array[] {
    const segments = layOut(tag, plaintext);
    const icvs = this.#nextIcvs(segments.length);
    if (tag !== 0x88) this.#encryptInPlace(segments, icvs);
    const macs = this.#macs.next(segments.map(withoutMac));
    segments.forEach((segment, index) => {
      const mac = macs.subarray(index * BLOCK, index * BLOCK + MAC_SIZE);
      segment.set(mac, segment.length - MAC_SIZE);
    });
    return segments;
  }

  /**
   * Recovers the bytes from segments. Throws `DerError` for anything but segments of this tag, `VerifyError` for a
   * wrong MAC or padding.
   */
  unprotect(tag: SegmentTag, segments: readonly Uint8Array[]): Uint8Array {
    if (segments.length === 0) throw new DerError(`no '${tag.toString(16)}' segment`, 0);
    const payloads = segments.map((segment) => readPayload(tag, segment));
    const macs = this.#macs.next(segments.map(withoutMac));
    segments.forEach((segment, index) => {
      const expected = macs.subarray(index * BLOCK, index * BLOCK + MAC_SIZE);
      if (!timingSafeEqual(segment.subarray(-MAC_SIZE), expected)) {
        const which = `segment ${index + 1} of '${tag.toString(16)}'`;
        throw new VerifyError('package', 'bound-profile-package', `wrong MAC in ${which}`);
      }
    });
    const icvs = this.#nextIcvs(segments.length);
    if (tag === 0x88) return new Uint8Array(Buffer.concat(payloads));
    return new Uint8Array(Buffer.concat(decrypt(this.#sEnc, payloads, icvs).map(unpad)));
  }

  /**
   * Encrypts every segment in CBC mode under its own ICV, with a single cipher. CBC XORs the first block with the
   * last ciphertext of the previous segment; XORing that and the ICV in advance cancels it and leaves the ICV.
   */
  #encryptInPlace(segments: readonly Uint8Array[], icvs: Uint8Array): void {
    segments.forEach((segment, index) => {
      const start = headerSize(segment);
      xorInto(segment, start, icvs, index * BLOCK);
      xorInto(segment, start, this.#before);
      const encrypted = this.#cbc.update(segment.subarray(start, -MAC_SIZE));
      segment.set(encrypted, start);
      this.#before = encrypted.subarray(-BLOCK);
    });
  }

  /** §2.6.4.4: the ICV is the encrypted counter, which also counts '88' segments, although they need no ICV. */
  #nextIcvs(count: number): Uint8Array {
    const counters = Buffer.alloc(count * BLOCK);
    for (let index = 0; index < count; index += 1) {
      counters.writeUInt32BE(this.#counter + index, index * BLOCK + BLOCK - 4);
    }
    this.#counter += count;
    return this.#ecb.update(counters);
  }
}

/** Lays out segments in one buffer: tag, length, padded plaintext, and space for the MAC. */
function layOut(tag: SegmentTag, plaintext: Uint8Array): Uint8Array[] {
  const pieceSize = tag === 0x88 ? MAX_PAYLOAD : MAX_PLAINTEXT;
  const buffer = new Uint8Array(Math.ceil(plaintext.length / pieceSize) * MAX_SEGMENT);
  const segments: Uint8Array[] = [];
  let end = 0;
  for (let at = 0; at < plaintext.length; at += pieceSize) {
    const piece = plaintext.subarray(at, at + pieceSize);
    // §2.6.4.4: 80 and as many zeros as fill the block.
    const size = tag === 0x88 ? piece.length : (Math.floor(piece.length / BLOCK) + 1) * BLOCK;
    const header = encodeHeader(tag, size + MAC_SIZE);
    const start = end;
    end += header.length + size + MAC_SIZE;
    const segment = buffer.subarray(start, end);
    segment.set(header);
    segment.set(piece, header.length);
    if (tag !== 0x88) segment[header.length + piece.length] = 0x80;
    segments.push(segment);
  }
  return segments;
}

/** The inverse of `#encryptInPlace`, for all segments in one call. */
function decrypt(
  sEnc: Uint8Array,
  payloads: readonly Uint8Array[],
  icvs: Uint8Array,
): Uint8Array[] {
  const cbc = createDecipheriv('aes-128-cbc', sEnc, new Uint8Array(BLOCK)).setAutoPadding(false);
  const decrypted = cbc.update(Buffer.concat(payloads));
  let start = 0;
  return payloads.map((payload, index) => {
    const before = payloads[index - 1]?.subarray(-BLOCK) ?? new Uint8Array(BLOCK);
    xorInto(decrypted, start, icvs, index * BLOCK);
    xorInto(decrypted, start, before);
    start += payload.length;
    return decrypted.subarray(start - payload.length, start);
  });
}

function readPayload(tag: SegmentTag, segment: Uint8Array): Uint8Array {
  const tlv = readDer(segment);
  const size = tlv.contents.length - MAC_SIZE;
  if (tlv.tag !== tag || size < 1 || (tag !== 0x88 && size % BLOCK !== 0)) {
    throw new DerError(`no '${tag.toString(16)}' segment`, 0);
  }
  // §2.5.3: an eUICC need not accept more.
  if (segment.length > MAX_SEGMENT) throw new DerError(`a segment of ${segment.length} bytes`, 0);
  return tlv.contents.subarray(0, size);
}

function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1;
  while (end > padded.length - BLOCK && padded[end] === 0) end -= 1;
  if (padded[end] !== 0x80) {
    throw new VerifyError('package', 'bound-profile-package', 'wrong padding in a segment');
  }
  return padded.subarray(0, end);
}

function withoutMac(segment: Uint8Array): Uint8Array {
  return segment.subarray(0, -MAC_SIZE);
}

/** Size of tag and length of a segment from `layOut`. */
function headerSize(segment: Uint8Array): number {
  const first = segment[1] ?? 0;
  return 2 + (first < 0x80 ? 0 : first - 0x80);
}
