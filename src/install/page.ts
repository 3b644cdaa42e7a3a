// The page with which a person installs an eSIM Profile, in every state. It works without scripts, and contains all that it
// shows.
import { activationOf } from '../operator/install/activation.ts';
import type { InstallPage } from '../operator/install/install-link.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
import { renderFoot, renderHead } from './frame.ts';
import { ICONS } from './icons.ts';
import { Markup, markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { accentStyle, SCRIPT, STYLE } from './style.ts';
import type { Texts } from './texts.ts';
import { directionOf } from './translations.ts';
import { renderWays } from './ways.ts';

/** What a person sees of a status. `gone` and `busy` belong to no profile. */
export type PageState =
  'preparing' | 'ready' | 'downloaded' | 'installed' | 'failed' | 'gone' | 'busy';

const STATES: Record<EsimProfileStatus, PageState> = {
  new: 'preparing',
  reserving: 'preparing',
  available: 'ready',
  downloaded: 'downloaded',
  installed: 'installed',
  failed: 'failed',
};

/** Without a code, an eSIM Profile is for one device, which needs no page. */
export function stateOfPage({ profile }: InstallPage): PageState {
  const state = STATES[profile.status];
  const needsCode = state === 'ready' || state === 'downloaded';
  return needsCode && profile.activation_code === null ? 'failed' : state;
}

export interface RenderedPage {
  body: string;
  /** The style that its brand adds. */
  accent: string;
}

/** @param page undefined for states that belong to no profile */
export function renderPage(
  state: PageState,
  page: InstallPage | undefined,
  reader: Reader,
): RenderedPage {
  const { language, languages } = reader;
  const texts = languages.get(language)!;
  const title = state === 'ready' ? texts.title : texts[`${state}Title`];
  const code = state === 'ready' || state === 'downloaded' ? page!.profile.activation_code : null;
  const main =
    code === null
      ? renderState(state, title, texts)
      : markup`<div class="intro">
<h1>${title}</h1>
<p class="muted">${state === 'downloaded' ? texts.downloadedText : texts.lead}</p>
</div>
${renderWays(activationOf(code), texts, reader.system)}`;
  const accent = accentStyle(page?.brand?.accent_color ?? null);
  const name = page?.brand?.name ?? null;
  const body = markup`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no">
<link rel="icon" href="data:,">
<title>${title}${name === null ? '' : ` · ${name}`}</title>
<style>${new Markup(STYLE)}</style>
<style>${new Markup(accent)}</style>
</head>
<body>
<div class="page${code === null ? '' : ' wide'}">
${renderHead(page?.brand)}<main>
${main}</main>
${renderFoot(page, code !== null, texts, reader)}</div>
<p class="unseen" role="status"></p>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`;
  return { body: body.text, accent };
}

const SIGNS: Partial<Record<PageState, [look: string, icon: Markup]>> = {
  preparing: ['calm', ICONS.wait],
  installed: ['good', ICONS.done],
  failed: ['bad', ICONS.wrong],
  gone: ['calm', ICONS.link],
  busy: ['calm', ICONS.wait],
};

/** A state in which there is nothing to install. */
function renderState(state: PageState, title: string, texts: Texts): Markup {
  const [look, icon] = SIGNS[state]!;
  const text = state === 'ready' ? texts.lead : texts[`${state}Text`];
  const again =
    state === 'preparing' || state === 'busy'
      ? markup`<a class="button" href="">${texts.checkAgain}</a>
`
      : undefined;
  return markup`<div class="card state">
<div class="sign ${look}">${icon}</div>
<h1>${title}</h1>
<p class="muted">${text}</p>
${again}</div>
`;
}
