// A QR code on a terminal: two modules per character, one above the other, quiet zone included.
import { qrSpan, QUIET_ZONE } from '../operator/qr/qr-code.ts';
import type { QrModules } from '../operator/qr/qr-code.ts';
import { hasColours, paint } from './paint.ts';

/** Indexed by which of the two modules are drawn: neither, the lower, the upper, both. */
const BLOCKS = [' ', '▄', '▀', '█'] as const;

/**
 * Black on white whatever the terminal's own colours. Without colours, the light modules are drawn, which is right on
 * a dark terminal.
 * @param options.invert without colours: draw the dark modules, for a light terminal
 */
export function renderQr(modules: QrModules, { invert = false } = {}): string {
  const coloured = hasColours();
  const drawsDark = coloured || invert;
  const span = qrSpan(modules);
  const isDrawn = (row: number, column: number) =>
    (modules[row - QUIET_ZONE]?.[column - QUIET_ZONE] ?? false) === drawsDark;

  let text = '';
  for (let row = 0; row < span; row += 2) {
    let line = '';
    for (let column = 0; column < span; column++) {
      line += BLOCKS[2 * Number(isDrawn(row, column)) + Number(isDrawn(row + 1, column))]!;
    }
    text += `${coloured ? paint(line, 'blackOnWhite') : line}\n`;
  }
  return text;
}
