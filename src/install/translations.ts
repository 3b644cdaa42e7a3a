// The languages of install pages: English, and a JSON file for each other one in the operator's folder.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENGLISH } from './texts.ts';
import type { TextName, Texts } from './texts.ts';

/** By BCP 47 tag; English comes first. */
export type Languages = ReadonlyMap<string, Texts>;

export const OWN_LANGUAGES: Languages = new Map([['en', ENGLISH]]);

const TEXT_LIMIT = 500;
const NAMES = Object.keys(ENGLISH) as TextName[];

/** Reads `TAG.json` of each language, such as `de.json` and `pt-BR.json`. @returns also everything that is wrong with them */
export function readTranslations(folder: string): { languages: Languages; problems: string[] } {
  const languages = new Map(OWN_LANGUAGES);
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch (error) {
    return { languages, problems: [`${folder} cannot be read: ${(error as Error).message}`] };
  }
  if (files.length === 0)
    return { languages, problems: [`${folder} has no files such as de.json`] };
  const problems = files.toSorted().flatMap((file) => {
    const tag = tagOf(basename(file, '.json'));
    if (tag === undefined) {
      return [`${file} must be named after a language, such as de.json or pt-BR.json`];
    }
    const read = readTexts(join(folder, file));
    if (Array.isArray(read)) return read.map((problem) => `${file} ${problem}`);
    languages.set(tag, read);
    return [];
  });
  return { languages, problems };
}

function tagOf(name: string): string | undefined {
  try {
    const [tag = ''] = Intl.getCanonicalLocales(name);
    const known = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(tag);
    return known === undefined ? undefined : tag;
  } catch {
    return undefined;
  }
}

/** @returns the texts, or what is wrong with them */
function readTexts(file: string): Texts | string[] {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return [`cannot be read: ${(error as Error).message}`];
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return ['must be a JSON object'];
  }
  const texts = given as Record<string, unknown>;
  const missing = NAMES.filter((name) => !Object.hasOwn(texts, name));
  const unknown = Object.keys(texts).filter((name) => !Object.hasOwn(ENGLISH, name));
  const problems = [
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`has unknown keys: ${unknown.join(', ')}`]),
    ...NAMES.filter((name) => Object.hasOwn(texts, name)).flatMap(
      (name) => problemOf(name, texts[name]) ?? [],
    ),
  ];
  return problems.length === 0 ? (texts as Texts) : problems;
}

function problemOf(name: TextName, text: unknown): string | undefined {
  if (typeof text !== 'string' || text.trim() === '' || text.length > TEXT_LIMIT) {
    return `must have a text of 1 to ${TEXT_LIMIT} characters as ${name}`;
  }
  const [expected, found] = [placeholders(ENGLISH[name]), placeholders(text)];
  if (expected === found) return undefined;
  return `must have ${expected || 'nothing'} in braces in ${name}; it has ${found || 'nothing'}`;
}

const placeholders = (text: string) =>
  Array.from(text.matchAll(/\{\w*\}/g), ([placeholder]) => placeholder)
    .toSorted()
    .join(' ');

const MOST_RANGES = 20;

/**
 * The language of a page: as asked for, or the first that the browser prefers (RFC 4647 §3.4, lookup), or English.
 * @param asked from the query of the URL
 * @param accepted the header Accept-Language
 */
export function chooseLanguage(
  languages: Languages,
  asked: string | undefined,
  accepted: string | undefined,
): string {
  const preferred = (accepted ?? '')
    .split(',', MOST_RANGES)
    .map((range) => {
      const [tag = '', weight = 'q=1'] = range.split(';').map((part) => part.trim());
      return { tag, weight: Number(weight.replace(/^q=/i, '')) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  for (const tag of [asked ?? '', ...preferred.map((range) => range.tag)]) {
    const found = lookUp(languages, tag);
    if (found !== undefined) return found;
  }
  return 'en';
}

function lookUp(languages: Languages, tag: string): string | undefined {
  const wanted = tag.toLowerCase();
  for (
    let range = wanted;
    range !== '';
    range = range.slice(0, Math.max(range.lastIndexOf('-'), 0))
  ) {
    const found = languages.keys().find((language) => language.toLowerCase() === range);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The writing direction of a language. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return new Intl.Locale(language).getTextInfo().direction ?? 'ltr';
}
