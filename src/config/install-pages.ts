// The pages with which a person installs a profile.
import { resolve } from 'node:path';
import { OWN_LANGUAGES, readTranslations } from '../install/translations.ts';
import type { Languages } from '../install/translations.ts';
import type { SettingsReader } from './reader.ts';

export interface InstallPageConfig {
  /** The folder with translations of install pages. */
  installTexts: string | undefined;
  installLanguages: Languages;
}

export const INSTALL_PAGE_SETTINGS = [
  [
    'SIMWRIGHT_INSTALL_TEXTS',
    'none',
    'Folder with translations of the install page, a JSON file for each language.',
  ],
] as const;

export function parseInstallPages({ text, refuse }: SettingsReader): InstallPageConfig {
  const folder = text('SIMWRIGHT_INSTALL_TEXTS');
  if (folder === undefined) return { installTexts: undefined, installLanguages: OWN_LANGUAGES };
  const { languages, problems } = readTranslations(folder);
  for (const problem of problems) refuse(`SIMWRIGHT_INSTALL_TEXTS: ${problem}`);
  return { installTexts: resolve(folder), installLanguages: languages };
}
