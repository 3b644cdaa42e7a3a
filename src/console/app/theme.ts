// Light or dark: the system's preference until the user chooses. `public/theme.js` applies it first.
import { recall, remember } from './remembered.ts';
import { createStore } from './store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const recalled = recall('theme');
export const theme = createStore<Theme>(THEMES.find((known) => known === recalled) ?? 'system');

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  remember('theme', chosen === 'system' ? undefined : chosen);
}
