// What surrounds the content of a page: the brand of the account, its support line, the languages.
import { logoUrl } from '../operator/install/brand.ts';
import type { InstallPage } from '../operator/install/install-link.ts';
import type { BrandRow } from '../store/schema.ts';
import { Markup, markup } from './markup.ts';
import type { Reader } from './reader.ts';
import type { Texts } from './texts.ts';
import { directionOf } from './translations.ts';

export function renderHead(brand: BrandRow | undefined): Markup | undefined {
  if (brand === undefined) return undefined;
  const { name } = brand;
  const logo = logoUrl(brand);
  if (logo !== undefined) {
    return markup`<header class="brand"><img src="${logo}" alt="${name ?? ''}"></header>
`;
  }
  if (name === null) return undefined;
  return markup`<header class="brand"><bdi>${name}</bdi></header>
`;
}

/** @param canInstall whether the page has a code */
export function renderFoot(
  page: InstallPage | undefined,
  canInstall: boolean,
  texts: Texts,
  reader: Reader,
): Markup {
  const until = canInstall ? dateIn(reader.language, page!.link.date_expires) : '';
  const about = canInstall
    ? markup`<p>${texts.onceOnly}</p>
<p>${texts.expires.replace('{date}', () => until)}</p>
`
    : undefined;
  return markup`<footer>
${renderSupport(page?.brand)}${about}${renderLanguages(texts, reader)}</footer>
`;
}

function renderSupport(brand: BrandRow | undefined): Markup | undefined {
  if (brand === undefined) return undefined;
  const { support_text: text, support_url: url } = brand;
  if (text === null && url === null) return undefined;
  const shown = markup`<bdi>${text ?? url!.replace(/^[a-z]+:(?:\/\/)?/i, '')}</bdi>`;
  return markup`<p class="support">${url === null ? shown : markup`<a href="${url}">${shown}</a>`}</p>
`;
}

function dateIn(language: string, date: string): string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `${format.format(new Date(date))} UTC`;
}

/** Each language in its own words. */
function renderLanguages(texts: Texts, { languages, language }: Reader): Markup | undefined {
  if (languages.size === 1) return undefined;
  const links = Array.from(languages.keys(), (tag) => {
    const name = new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
    const current = tag === language ? new Markup(' aria-current="true"') : undefined;
    return markup`<a href="?lang=${tag}" hreflang="${tag}" lang="${tag}" dir="${directionOf(tag)}"${current}>${name}</a>
`;
  });
  return markup`<nav aria-label="${texts.languages}">
${links}</nav>
`;
}
