// Translations of install pages: read with the settings, all problems at once; and which language a visitor gets.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { ConfigError, readConfig } from '../../src/config.ts';
import { ENGLISH } from '../../src/install/texts.ts';
import { chooseLanguage, OWN_LANGUAGES } from '../../src/install/translations.ts';
import { startTestServer } from '../server.ts';

const shout = (text: string) =>
  text.replaceAll(/[a-z](?![^{]*\})/g, (letter) => letter.toUpperCase());
const TRANSLATED = Object.fromEntries(
  Object.entries(ENGLISH).map(([name, text]) => [name, shout(text)]),
);

function folderOf(context: TestContext, files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'simwright-texts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
  return folder;
}

function problemsOf(folder: string): string[] {
  try {
    readConfig({ SIMWRIGHT_INSTALL_TEXTS: folder, SIMWRIGHT_PORT: 'x' });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return [];
}

describe('SIMWRIGHT_INSTALL_TEXTS', () => {
  test('is a folder with a file for each language', (context) => {
    const folder = folderOf(context, {
      'de.json': TRANSLATED,
      'pt-br.json': TRANSLATED,
      'README.md': 'ours',
    });
    const { config } = readConfig({ SIMWRIGHT_INSTALL_TEXTS: folder });
    assert.deepEqual([...config.installLanguages.keys()], ['en', 'de', 'pt-BR']);
    assert.equal(config.installLanguages.get('de')!.title, 'INSTALL YOUR ESIM');
    assert.equal(config.installTexts, folder);
  });

  test('all that is wrong with the files is reported at once, with the other settings', (context) => {
    const { copy: _copy, title: _title, ...less } = TRANSLATED;
    const folder = folderOf(context, {
      'ar.json': { ...less, titel: 'x' },
      'de.json': {
        ...TRANSLATED,
        copy: '',
        title: 7,
        expires: 'Bis {datum}',
        lead: 'x'.repeat(501),
      },
      'es.json': '{',
      'fr.json': [],
      'german.json': TRANSLATED,
      'it_IT.json': TRANSLATED,
      'nl.json': { ...TRANSLATED, lead: 'Binnen {minutes} minuten' },
    });
    const problems = problemsOf(folder);
    const name = 'SIMWRIGHT_INSTALL_TEXTS:';
    const [es] = problems.filter((problem) => problem.includes('es.json'));
    assert.match(es!, /^SIMWRIGHT_INSTALL_TEXTS: es\.json cannot be read: /);
    assert.deepEqual(
      problems.filter((problem) => problem !== es),
      [
        `${name} ar.json lacks title, copy`,
        `${name} ar.json has unknown keys: titel`,
        `${name} de.json must have a text of 1 to 500 characters as title`,
        `${name} de.json must have a text of 1 to 500 characters as lead`,
        `${name} de.json must have a text of 1 to 500 characters as copy`,
        `${name} de.json must have {date} in braces in expires; it has {datum}`,
        `${name} fr.json must be a JSON object`,
        `${name} german.json must be named after a language, such as de.json or pt-BR.json`,
        `${name} it_IT.json must be named after a language, such as de.json or pt-BR.json`,
        `${name} nl.json must have nothing in braces in lead; it has {minutes}`,
        "SIMWRIGHT_PORT must be a whole number from 0 to 65535; it is 'x'",
      ],
    );
  });

  test('must exist, and have a file', (context) => {
    const empty = folderOf(context, {});
    const [first] = problemsOf(join(empty, 'none'));
    assert.match(first!, /^SIMWRIGHT_INSTALL_TEXTS: \S+none cannot be read: ENOENT/);
    assert.equal(
      problemsOf(empty)[0],
      `SIMWRIGHT_INSTALL_TEXTS: ${empty} has no files such as de.json`,
    );
  });
});

describe('a visitor’s language', () => {
  const languages = new Map([
    ...OWN_LANGUAGES,
    ...['de', 'pt-BR', 'zh-Hant'].map((tag) => [tag, ENGLISH] as const),
  ]);
  const CASES: [asked: string | undefined, accepted: string | undefined, chosen: string][] = [
    [undefined, undefined, 'en'],
    [undefined, 'de', 'de'],
    [undefined, 'DE-at', 'de'],
    [undefined, 'fr-FR, de;q=0.5, en;q=0.8', 'en'],
    [undefined, 'fr, en;q=0.4, de;q=0.5', 'de'],
    [undefined, 'pt', 'en'],
    [undefined, 'pt-BR,en', 'pt-BR'],
    [undefined, 'zh-Hant-TW', 'zh-Hant'],
    [undefined, 'de;q=0', 'en'],
    [undefined, '*, ,;;q=,de;q=x', 'en'],
    [undefined, `${'fr,'.repeat(1_000)}de`, 'en'],
    ['de', 'en', 'de'],
    ['xx', 'de', 'de'],
    ['"><script>', 'de', 'de'],
  ];
  for (const [asked, accepted, chosen] of CASES) {
    test(`${asked ?? ''} ${accepted?.slice(0, 40) ?? 'none'} → ${chosen}`, () => {
      assert.equal(chooseLanguage(languages, asked, accepted), chosen);
    });
  }
});

test('a page has its language, its writing direction, and links to the others', async (context) => {
  const hostile = { ...TRANSLATED, lead: '<script>alert(1)</script>', copy: '" onclick="x' };
  const folder = folderOf(context, { 'ar.json': hostile, 'de.json': TRANSLATED });
  await using server = await startTestServer({
    stock: 1,
    env: { SIMWRIGHT_INSTALL_TEXTS: folder },
  });
  const { sid } = await server.order({ GenerateMatchingId: 'true' });
  const path = `/v1/ESimProfiles/${sid}/InstallLinks`;
  const { page_url: url } = (await server.request(path, { method: 'POST' })).json;
  const visit = (accept: string, query = '') =>
    server.request(url + query, { as: null, headers: { 'Accept-Language': accept } });
  for (const [answer, language, direction, title] of [
    [await visit('de-CH'), 'de', 'ltr', 'INSTALL YOUR ESIM'],
    [await visit('de', '?lang=ar'), 'ar', 'rtl', 'INSTALL YOUR ESIM'],
    [await visit('de', '?lang=en'), 'en', 'ltr', 'Install your eSIM'],
    [await visit('de', '?lang=en&lang=ar'), 'de', 'ltr', 'INSTALL YOUR ESIM'],
  ] as const) {
    const { text, headers } = answer;
    assert.equal(headers.get('content-language'), language);
    assert.ok(text.includes(`<html lang="${language}" dir="${direction}">`));
    assert.ok(text.includes(`<h1>${title}</h1>`));
    const nav = Array.from(
      text.matchAll(
        /<a href="\?lang=(\w+)" hreflang="\w+" lang="\w+" dir="(\w+)"( aria-current="true")?>(.*?)<\/a>/g,
      ),
      ([, tag, dir, current, name]) => [tag, dir, current !== undefined, name],
    );
    assert.deepEqual(nav, [
      ['en', 'ltr', language === 'en', 'English'],
      ['ar', 'rtl', language === 'ar', 'العربية'],
      ['de', 'ltr', language === 'de', 'Deutsch'],
    ]);
  }
  const { text } = await visit('ar');
  assert.ok(text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.doesNotMatch(text, /onclick="/);
});
