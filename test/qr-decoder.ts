// Reads QR codes like a camera, independently of the encoder: modules from a PNG or an SVG, text from the modules
// (ISO/IEC 18004). Only for perfect images: errors are detected, not corrected.
import assert from 'node:assert/strict';
import { crc32, inflateSync } from 'node:zlib';

/** Rows from top to bottom; true is dark. */
export type Bitmap = boolean[][];

/** Pixels of a PNG with one bit per pixel, checking the CRC of each chunk. */
export function readPng(png: Buffer): Bitmap {
  assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  const chunks: [type: string, content: Buffer][] = [];
  for (let at = 8; at < png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    assert.equal(png.readUInt32BE(end), crc32(png.subarray(at + 4, end)));
    chunks.push([png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end)]);
    at = end + 4;
  }
  assert.deepEqual(
    chunks.map(([type]) => type),
    ['IHDR', 'IDAT', 'IEND'],
  );
  const header = chunks[0]![1];
  const width = header.readUInt32BE(0);
  assert.equal(header.subarray(8).toString('hex'), '0100000000', '1 bit, greyscale');
  const scanlines = inflateSync(chunks[1]![1]);
  const stride = 1 + Math.ceil(width / 8);
  assert.equal(scanlines.length, stride * header.readUInt32BE(4));
  return Array.from({ length: scanlines.length / stride }, (_row, y) => {
    assert.equal(scanlines[y * stride], 0, 'no filter');
    return Array.from(
      { length: width },
      (_pixel, x) => (scanlines[y * stride + 1 + (x >> 3)]! & (0x80 >> (x & 7))) === 0,
    );
  });
}

/** Modules of an SVG whose last path has a rectangle for each run of dark ones. */
export function readSvg(svg: string): Bitmap {
  const span = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)![1]);
  const bitmap = Array.from({ length: span }, () => Array<boolean>(span).fill(false));
  const path = /<path fill="#000" d="([^"]+)"\/><\/svg>$/.exec(svg)![1]!;
  assert.match(path, /^(M\d+ \d+h(\d+)v1h-\2z)+$/);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    bitmap[Number(y)]!.fill(true, Number(x), Number(x) + Number(run));
  }
  return bitmap;
}

/** Finds the code in an image, with the pixels per module and the margins in pixels. */
export function findCode(picture: Bitmap): { modules: Bitmap; scale: number; margins: number[] } {
  const dark = picture.map((row) => row.some(Boolean));
  const top = dark.indexOf(true);
  const bottom = dark.lastIndexOf(true) + 1;
  const left = picture[top]!.indexOf(true);
  const right = picture[top]!.lastIndexOf(true) + 1;
  const scale = (picture[top]!.indexOf(false, left) - left) / 7; // the finder pattern
  assert.ok(Number.isInteger(scale) && right - left === bottom - top);
  const size = (right - left) / scale;
  const modules = Array.from({ length: size }, (_row, y) =>
    Array.from({ length: size }, (_module, x) => picture[top + y * scale]![left + x * scale]!),
  );
  for (const [y, row] of picture.entries()) {
    for (const [x, pixel] of row.entries()) {
      const module = modules[Math.floor((y - top) / scale)]?.[Math.floor((x - left) / scale)];
      assert.equal(pixel, module ?? false, `the pixel ${x}, ${y} is that of its module`);
    }
  }
  return { modules, scale, margins: [top, left, picture.length - bottom, picture.length - right] };
}

/** Centres of the alignment patterns (annex E), by version. */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
  [6, 30, 54],
  [6, 32, 58],
  [6, 34, 62],
];

/** Table 9, level M: correction codewords per block, then the data codewords of each block, by version. */
const BLOCKS: readonly (readonly [correction: number, ...data: number[]])[] = [
  [0],
  [10, 16],
  [16, 28],
  [26, 44],
  [18, 32, 32],
  [24, 43, 43],
  [16, 27, 27, 27, 27],
  [18, 31, 31, 31, 31],
  [22, 38, 38, 39, 39],
  [22, 36, 36, 36, 37, 37],
  [26, 43, 43, 43, 43, 44],
  [30, 50, 51, 51, 51, 51],
  [22, 36, 36, 36, 36, 36, 36, 37, 37],
  [22, 37, 37, 37, 37, 37, 37, 37, 37, 38],
];

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_i, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

/** Decodes the text of a code of level M. */
export function decodeQr(modules: Bitmap): string {
  const size = modules.length;
  const version = (size - 17) / 4;
  assert.ok(ALIGNMENT[version], `version ${version} is known`);
  const mask = MASKS[readMask(modules)]!;
  const bits: number[] = [];
  for (const [row, column] of dataPositions(version, size)) {
    bits.push(Number(modules[row]![column] !== mask(row, column)));
  }
  const codewords = Array.from({ length: Math.floor(bits.length / 8) }, (_codeword, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2),
  );
  return readText(dataCodewords(codewords, BLOCKS[version]!), version);
}

/** §7.9: both copies agree, are a BCH codeword, and indicate level M. */
function readMask(modules: Bitmap): number {
  const size = modules.length;
  const along = [0, 1, 2, 3, 4, 5, 7, 8];
  const first = [
    ...along.map((column) => modules[8]![column]!),
    ...along
      .slice(0, -1)
      .toReversed()
      .map((row) => modules[row]![8]!),
  ];
  const second = [
    ...Array.from({ length: 7 }, (_bit, at) => modules[size - 1 - at]![8]!),
    ...Array.from({ length: 8 }, (_bit, at) => modules[8]![size - 8 + at]!),
  ];
  assert.deepEqual(first, second);
  const format = Number.parseInt(first.map(Number).join(''), 2) ^ 0x5412;
  let remainder = format;
  for (let bit = 14; bit >= 10; bit--) {
    if (((remainder >> bit) & 1) === 1) remainder ^= 0x537 << (bit - 10);
  }
  assert.equal(remainder, 0);
  assert.equal(format >> 13, 0b00, 'level M');
  return (format >> 10) & 7;
}

/** §7.7.3: pairs of columns from the right, alternately up and down, around the function patterns. */
function* dataPositions(version: number, size: number): Generator<[row: number, column: number]> {
  const centres = ALIGNMENT[version]!;
  function isFunction(row: number, column: number): boolean {
    const [top, left] = [row < 9, column < 9];
    if ((top && left) || (top && column >= size - 8) || (left && row >= size - 8)) return true;
    if (row === 6 || column === 6) return true;
    if (version >= 7) {
      if ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11)) return true;
    }
    return centres.some((y) =>
      centres.some((x) => {
        const inCorner =
          (y === 6 && x === 6) || (y === 6 && x === size - 7) || (x === 6 && y === size - 7);
        return !inCorner && Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2;
      }),
    );
  }
  let up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (!isFunction(row, column)) yield [row, column];
      }
    }
    up = !up;
  }
}

/** §7.6: deinterleaves the blocks, each of which is a Reed-Solomon codeword. */
function dataCodewords(
  codewords: number[],
  [correction, ...lengths]: readonly [number, ...number[]],
): number[] {
  const blocks = lengths.map((): number[] => []);
  let at = 0;
  for (let index = 0; index < Math.max(...lengths); index++) {
    for (const [block, length] of lengths.entries()) {
      if (index < length) blocks[block]!.push(codewords[at++]!);
    }
  }
  const data = blocks.flat();
  for (let index = 0; index < correction; index++) {
    for (const block of blocks) block.push(codewords[at++]!);
  }
  assert.equal(at, codewords.length);
  for (const block of blocks) {
    for (let power = 0, root = 1; power < correction; power++, root = multiply(root, 2)) {
      const syndrome = block.reduce((sum, codeword) => multiply(sum, root) ^ codeword, 0);
      assert.equal(syndrome, 0);
    }
  }
  return data;
}

/** Multiplication in GF(2⁸) with the polynomial 0x11D. */
function multiply(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product >> 7 === 1 ? 0x11d : 0);
    if (((right >> bit) & 1) === 1) product ^= left;
  }
  return product;
}

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** §7.4: one segment, alphanumeric or bytes, and the terminator. */
function readText(codewords: number[], version: number): string {
  const bits = codewords.map((codeword) => codeword.toString(2).padStart(8, '0')).join('');
  let at = 0;
  const take = (count: number) => Number.parseInt(bits.slice(at, (at += count)), 2);
  const mode = take(4);
  assert.ok(mode === 0b0010 || mode === 0b0100, `mode ${mode}`);
  let text = '';
  if (mode === 0b0100) {
    const length = take(version < 10 ? 8 : 16);
    text = Buffer.from(Array.from({ length }, () => take(8))).toString();
  } else {
    for (let left = take(version < 10 ? 9 : 11); left > 0; left -= 2) {
      const value = take(left > 1 ? 11 : 6);
      text += left > 1 ? ALPHANUMERIC[Math.floor(value / 45)]! : '';
      text += ALPHANUMERIC[value % 45]!;
    }
  }
  assert.match(bits.slice(at, at + 4), /^0*$/, 'nothing comes after it');
  return text;
}
