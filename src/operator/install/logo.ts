// Checks a logo by its content: what a browser is told to show as a PNG or a JPEG is one, whole, and not too large.
import { crc32 } from 'node:zlib';

export type LogoType = 'image/png' | 'image/jpeg';

export interface Logo {
  bytes: Uint8Array;
  type: LogoType;
}

/** In bytes; every install page contains it. */
export const LOGO_LIMIT = 32 * 1024;
/** In pixels per side, however well it is compressed. */
export const LOGO_SIDE_LIMIT = 2_000;

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]); // PNG §5.2
const CHUNK_FRAME = 12; // PNG §5.3: length, type, CRC
/** ITU-T T.81 §B.1.1.3: SOF0 to SOF2, the ones that browsers decode. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
const [SOI, EOI, SOS, TEM] = [0xd8, 0xd9, 0xda, 0x01];
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

interface Size {
  width: number;
  height: number;
}

/** @returns the logo, or what is wrong with it */
export function checkLogo(bytes: Buffer): Logo | string {
  if (bytes.length > LOGO_LIMIT) {
    return `expected at most ${LOGO_LIMIT / 1024} KiB; got ${Math.ceil(bytes.length / 1024)} KiB`;
  }
  const png = sizeOfPng(bytes);
  const size = png ?? sizeOfJpeg(bytes);
  if (size === undefined) return 'expected a whole PNG or JPEG image';
  const { width, height } = size;
  if (Math.min(width, height) < 1 || Math.max(width, height) > LOGO_SIDE_LIMIT) {
    return `expected 1 to ${LOGO_SIDE_LIMIT} pixels per side; got ${width} × ${height}`;
  }
  return { bytes, type: png === undefined ? 'image/jpeg' : 'image/png' };
}

/** Undefined unless it consists of a PNG's chunks, from IHDR to IEND, with nothing behind them. */
function sizeOfPng(bytes: Buffer): Size | undefined {
  if (!bytes.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return undefined;
  const types: string[] = [];
  for (let at = PNG_SIGNATURE.length; at < bytes.length;) {
    if (at + CHUNK_FRAME > bytes.length) return undefined;
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) return undefined;
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) return undefined;
    types.push(bytes.toString('latin1', at + 4, at + 8));
    at = end + 4;
  }
  const isWhole =
    types[0] === 'IHDR' &&
    types.includes('IDAT') &&
    types.indexOf('IEND') === types.length - 1 &&
    bytes.readUInt32BE(PNG_SIGNATURE.length) === 13; // PNG §11.2.2
  return isWhole ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : undefined;
}

/** Undefined unless it consists of a JPEG's segments (T.81 §B.1), with a frame and a scan, and ends with EOI. */
function sizeOfJpeg(bytes: Buffer): Size | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== (0xff00 | SOI)) return undefined;
  if (bytes.readUInt16BE(bytes.length - 2) !== (0xff00 | EOI)) return undefined;
  let size: Size | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return undefined;
    if (marker === 0xff) {
      at++; // Fill bytes.
    } else if (marker === TEM || isRestart(marker)) {
      at += 2;
    } else if (marker === SOS) {
      return size;
    } else {
      const length = bytes.readUInt16BE(at + 2);
      if (FRAMES.has(marker) && at + 9 <= bytes.length) {
        size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
      }
      if (length < 2) return undefined;
      at += 2 + length;
    }
  }
  return undefined;
}
