import { Markup } from './markup.ts';

const icon = (path: string, classes = '') =>
  new Markup(
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" ` +
      `stroke-linejoin="round" aria-hidden="true"${classes}>${path}</svg>`,
  );

export const ICONS = {
  download: icon('<path d="M12 4v11m0 0-4.500-4.500M12 15l4.500-4.500M5 20h14"/>'),
  key: icon(
    '<circle cx="8" cy="15" r="4.500"/><path d="m11.200 11.800 8.300-8.300M16 7l3 3m-5.500-.5 2 2"/>',
  ),
  done: icon('<path d="m5 12.500 4.500 4.500L19 7.500"/>'),
  wrong: icon('<path d="M7 7l10 10M17 7 7 17"/>'),
  link: icon(
    '<path d="M9 15l6-6M11 6.500 13 4.500a4.600 4.600 0 0 1 6.500 6.500l-2 2M13 17.500l-2 2A4.600 4.600 0 0 1 4.500 13l2-2"/>',
  ),
  wait: icon('<path d="M12 3a9 9 0 1 1-9 9"/>', ' class="turning"'),
};
