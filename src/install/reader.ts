import type { Languages } from './translations.ts';
import type { System } from './visitor.ts';

/** For whom a page is rendered. */
export interface Reader {
  /** One of `languages`. */
  language: string;
  languages: Languages;
  /** Undefined: not known, or one whose installer no link opens. */
  system: System | undefined;
}
