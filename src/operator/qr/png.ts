// Black-and-white PNG images (ISO/IEC 15948): one bit per pixel, greyscale, no filter.
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]); // PNG §5.2
const GREYSCALE = 0; // PNG §11.2.2
const BIT_DEPTH = 1;
const NO_FILTER = 0; // PNG §9.2

/**
 * Deterministic: the same pixels give the same bytes.
 * @param rows one bit per pixel, the leftmost in the highest bit of the first byte; 1 is white
 */
export function encodePng(width: number, rows: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([BIT_DEPTH, GREYSCALE], 8);
  const scanlines = Buffer.concat(rows.flatMap((row) => [Uint8Array.of(NO_FILTER), row]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** PNG §5.3: length, type, content, CRC of type and content. */
function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), framed.length - 4);
  return framed;
}
