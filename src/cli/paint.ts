// Colours: on a terminal alone, and not when NO_COLOR is set.
import { styleText } from 'node:util';

export type Style = 'bold' | 'green' | 'red' | 'yellow';

export function paint(text: string, style: Style | undefined): string {
  if (style === undefined || !process.stdout.isTTY) return text;
  return styleText(style, text, { stream: process.stdout });
}

const STATUS_STYLES: Record<string, Style> = {
  new: 'yellow',
  reserving: 'yellow',
  pending: 'yellow',
  available: 'green',
  installed: 'green',
  delivered: 'green',
  failed: 'red',
};

/** The colour of a status or a state. */
export const styleOfStatus = (status: string): Style | undefined => STATUS_STYLES[status];
