// The QR code of an activation code (SGP.22 §4.1), as SVG and as PNG: black on white, with its quiet zone.
import { encode } from 'uqr';
import { encodePng } from './png.ts';

/** Rows from top to bottom without the quiet zone; true is dark. */
export type QrModules = readonly (readonly boolean[])[];

/** Side lengths of an image, in pixels. */
export const QR_SIZE = { least: 64, most: 2048, otherwise: 320 } as const;
export const QR_FORMATS = ['svg', 'png'] as const;
export type QrFormat = (typeof QR_FORMATS)[number];

/** Light modules around the code (ISO/IEC 18004). */
export const QUIET_ZONE = 4;

/** The text that a phone's camera reads. */
export const qrPayload = (activationCode: string) => `LPA:${activationCode}`;

export function qrModules(activationCode: string): QrModules {
  return encode(qrPayload(activationCode), { ecc: 'M', border: 0 }).data;
}

/** Modules per side, including the quiet zone: the minimum size of a PNG in pixels. */
export const qrSpan = (modules: QrModules) => modules.length + 2 * QUIET_ZONE;

/** @param size side length in pixels, or with a unit */
export function qrSvg(modules: QrModules, size: number | string): string {
  const span = qrSpan(modules);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" ` +
    `viewBox="0 0 ${span} ${span}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${span}v${span}H0z"/><path fill="#000" d="${darkPath(modules)}"/></svg>`
  );
}

/** A rectangle for each run of dark modules in a row. */
function darkPath(modules: QrModules): string {
  let path = '';
  for (const [y, row] of modules.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue;
      const start = x;
      while (row[x + 1] === true) x++;
      const run = x + 1 - start;
      path += `M${start + QUIET_ZONE} ${y + QUIET_ZONE}h${run}v1h-${run}z`;
    }
  }
  return path;
}

/**
 * Centred, with modules as many whole pixels large as fit.
 * @param size side length in pixels, at least `qrSpan(modules)`
 */
export function qrPng(modules: QrModules, size: number): Buffer {
  const scale = Math.floor(size / qrSpan(modules));
  const margin = Math.floor((size - modules.length * scale) / 2);
  const light = new Uint8Array(Math.ceil(size / 8)).fill(0xff);
  const rows = Array<Uint8Array>(size).fill(light);
  for (const [y, row] of modules.entries()) {
    const pixels = light.slice();
    for (let at = 0; at < row.length * scale; at++) {
      const x = margin + at;
      if (row[Math.floor(at / scale)] === true) pixels[x >> 3]! &= ~(0x80 >> (x & 7));
    }
    rows.fill(pixels, margin + y * scale, margin + (y + 1) * scale);
  }
  return encodePng(size, rows);
}
