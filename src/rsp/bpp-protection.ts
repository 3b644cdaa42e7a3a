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
 * One direction of one secure channel. Counter and chaining value run on from call to call, so the segments
 * must be made, or taken apart, in the order in which they are sent.
 */
export class BppProtection {
  readonly #sEnc: Uint8Array;
  readonly #macs: CmacChain;
  readonly #ecb: Cipheriv;
  #counter = 1; // §2.6.4.4: of the first segment

  constructor({ sEnc, sMac, initialMacChainingValue }: SessionKeys) {
    this.#sEnc = sEnc;
    this.#macs = new CmacChain(sMac, initialMacChainingValue);
    this.#ecb = createCipheriv('aes-128-ecb', sEnc, null).setAutoPadding(false);
  }

  /** The segments of the bytes: '86' or '87' encrypted, '88' in clear, at most 1020 bytes each. */
  protect(tag: SegmentTag, plaintext: Uint8Array): Uint8Array[] {
    const size = tag === 0x88 ? MAX_PAYLOAD : MAX_PLAINTEXT;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < plaintext.length; at += size) {
      pieces.push(plaintext.subarray(at, at + size));
    }
    const icvs = this.#nextIcvs(pieces.length);
    const segments = pieces.map((piece) => layOut(tag, piece));
    if (tag !== 0x88) encryptInPlace(this.#sEnc, segments, icvs);
    const macs = this.#macs.next(segments.map(withoutMac));
    segments.forEach((segment, index) => {
      const mac = macs.subarray(index * BLOCK, index * BLOCK + MAC_SIZE);
      segment.set(mac, segment.length - MAC_SIZE);
    });
    return segments;
  }

  /**
   * The bytes that the segments protect. Throws `DerError` for what is no segment of this tag and
   * `VerifyError` for a wrong MAC or padding.
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

  /** §2.6.4.4: the counter, encrypted, is the ICV. It goes on for '88' segments, which need none. */
  #nextIcvs(count: number): Uint8Array {
    const counters = Buffer.alloc(count * BLOCK);
    for (let index = 0; index < count; index += 1) {
      counters.writeUInt32BE(this.#counter + index, index * BLOCK + BLOCK - 4);
    }
    this.#counter += count;
    return this.#ecb.update(counters);
  }
}

/** Tag, length and padded plaintext, with room for the MAC. */
function layOut(tag: SegmentTag, piece: Uint8Array): Uint8Array {
  // §2.6.4.4: 80 and as many zeros as fill the block.
  const size = tag === 0x88 ? piece.length : (Math.floor(piece.length / BLOCK) + 1) * BLOCK;
  const header = encodeHeader(tag, size + MAC_SIZE);
  const segment = new Uint8Array(header.length + size + MAC_SIZE);
  segment.set(header);
  segment.set(piece, header.length);
  if (tag !== 0x88) segment[header.length + piece.length] = 0x80;
  return segment;
}

/**
 * CBC of every segment under its own ICV with a single cipher: the block that CBC adds to the first one is
 * the last ciphertext of the segment before, so adding that and the ICV beforehand leaves the ICV.
 */
function encryptInPlace(sEnc: Uint8Array, segments: readonly Uint8Array[], icvs: Uint8Array): void {
  const cbc = createCipheriv('aes-128-cbc', sEnc, new Uint8Array(BLOCK)).setAutoPadding(false);
  let before: Uint8Array = new Uint8Array(BLOCK);
  segments.forEach((segment, index) => {
    const start = headerSize(segment);
    xorInto(segment, start, icvs.subarray(index * BLOCK, (index + 1) * BLOCK));
    xorInto(segment, start, before);
    const encrypted = cbc.update(segment.subarray(start, -MAC_SIZE));
    segment.set(encrypted, start);
    before = encrypted.subarray(-BLOCK);
  });
}

/** The same the other way round, all segments in one call. */
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
    xorInto(decrypted, start, icvs.subarray(index * BLOCK, (index + 1) * BLOCK));
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
  // §2.5.3: an eUICC need not take more.
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

/** Tag and length of a segment that we laid out. */
function headerSize(segment: Uint8Array): number {
  const first = segment[1] ?? 0;
  return 2 + (first < 0x80 ? 0 : first - 0x80);
}
