// The ways to install: a link tapped on the device itself, its camera, or the code entered by hand.
import type { Activation } from '../operator/install/activation.ts';
import { qrModules, qrPng, qrSpan } from '../operator/qr/qr-code.ts';
import { ICONS } from './icons.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import type { TextName, Texts } from './texts.ts';
import { SYSTEMS } from './visitor.ts';
import type { System } from './visitor.ts';

/** @param own the system of the visitor */
export function renderWays(activation: Activation, texts: Texts, own: System | undefined): Markup {
  const tap = renderTap(activation, texts, own);
  const scan = renderScan(activation, texts, own);
  // On a computer, the camera of a phone is the shorter way.
  const onPhone = own === 'apple' || own === 'android';
  return markup`${activation.confirmationCodeRequired ? renderConfirmation(texts) : undefined}<div class="ways">
${onPhone ? [tap, scan] : [scan, tap]}${renderManual(activation, texts, own)}</div>
`;
}

function renderConfirmation({ confirmationTitle, confirmationText }: Texts): Markup {
  return markup`<div class="callout">${ICONS.key}<div>
<p>${confirmationTitle}</p>
<p>${confirmationText}</p>
</div></div>
`;
}

/** The visitor's own system comes first. */
function renderTap(activation: Activation, texts: Texts, own: System | undefined): Markup {
  const hrefs = {
    apple: activation.appleUrl,
    android: activation.androidUrl,
    windows: activation.lpa,
  };
  // Only who comes with Windows has a use for its link.
  const others = SYSTEMS.filter((system) => system !== own && system !== 'windows');
  const ways = (own === undefined ? others : [own, ...others]).map(
    (system) => markup`<div class="way">
<a class="button${system === own ? ' first' : ''}" href="${hrefs[system]}">${ICONS.download}${texts[`${system}Button`]}</a>
<p class="note">${texts[`${system}Note`]}</p>
</div>
`,
  );
  return markup`<section class="card tap">
<h2>${texts.tapTitle}</h2>
${ways}</section>
`;
}

const PIXELS_A_MODULE = 8;

/** As an image, which phones recognise when it is touched, and which can be saved. */
function renderScan({ lpa }: Activation, texts: Texts, own: System | undefined): Markup {
  const modules = qrModules(lpa.slice('LPA:'.length));
  const side = qrSpan(modules) * PIXELS_A_MODULE;
  const source = `data:image/png;base64,${qrPng(modules, side).toString('base64')}`;
  return markup`<section class="card scan">
<h2>${texts.scanTitle}</h2>
<p class="note">${texts.scanText}${own === 'apple' ? ` ${texts.scanHold}` : ''}</p>
<div class="qr"><img src="${source}" width="${String(side)}" height="${String(side)}" alt="${texts.qrAlternative}"></div>
</section>
`;
}

function renderManual(activation: Activation, texts: Texts, own: System | undefined): Markup {
  const { lpa, smdpAddress, matchingId, confirmationCodeRequired } = activation;
  const last = confirmationCodeRequired ? 'appleStep4WithCode' : 'appleStep4';
  const apple = renderSteps(
    'appleName',
    ['appleStep1', 'appleStep2', 'appleStep3', last],
    { address: smdpAddress, activationCode: matchingId },
    { texts, isOpen: own === 'apple' },
  );
  const android = renderSteps(
    'androidName',
    ['androidStep1', 'androidStep2', 'androidStep3', 'androidStep4'],
    { completeCode: lpa },
    { texts, isOpen: own === 'android' },
  );
  return markup`<section class="card hand">
<h2>${texts.manualTitle}</h2>
<p class="note">${texts.manualText}</p>
<div class="each">
${own === 'android' ? [android, apple] : [apple, android]}</div>
</section>
`;
}

function renderSteps(
  name: TextName,
  steps: TextName[],
  codes: Partial<Record<TextName, string>>,
  { texts, isOpen }: { texts: Texts; isOpen: boolean },
): Markup {
  const fields = Object.entries(codes) as [TextName, string][];
  return markup`<details${isOpen ? ' open' : ''}>
<summary>${texts[name]}</summary>
<div class="steps">
<ol>${steps.map((step) => markup`<li><span>${texts[step]}</span></li>`)}</ol>
<dl>
${fields.map((field) => renderField(field, texts))}</dl>
</div>
</details>
`;
}

function renderField([name, code]: [TextName, string], texts: Texts): Markup {
  return markup`<div><dt id="${name}">${texts[name]}</dt>
<dd><code dir="ltr">${code}</code><button type="button" hidden aria-describedby="${name}" data-done="${texts.copied}">${texts.copy}</button></dd></div>
`;
}
