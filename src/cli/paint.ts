// Colours: on a terminal unless NO_COLOR is set; elsewhere only if FORCE_COLOR is set.
import { styleText } from 'node:util';

export type Style = 'bold' | 'green' | 'red' | 'yellow' | 'blackOnWhite';

export function paint(
  text: string,
  style: Style | undefined,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  if (style === undefined) return text;
  const format = style === 'blackOnWhite' ? (['black', 'bgWhiteBright'] as const) : style;
  return styleText(format, text, { stream });
}

/** Whether `paint` has any effect. */
export const hasColours = () => paint('x', 'bold') !== 'x';

const STATUS_STYLES: Record<string, Style> = {
  new: 'yellow',
  reserving: 'yellow',
  pending: 'yellow',
  running: 'yellow',
  available: 'green',
  installed: 'green',
  delivered: 'green',
  completed: 'green',
  failed: 'red',
};

/** The colour of a status or a state. */
export const styleOfStatus = (status: string): Style | undefined => STATUS_STYLES[status];
