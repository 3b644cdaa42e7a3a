// A page of labels to print, one per eSIM Profile, with its QR code. Self-contained HTML.
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { escapeHtml } from '../../values/html.ts';
import { qrModules, qrPayload, qrSvg } from './qr-code.ts';
import type { QrLabel } from './qr-labels.ts';

/** Three columns of seven fit on A4 and Letter, with margins that every printer supports. */
export const LABELS_A_PAGE = 21;

const STYLE = `
@page { margin: 10mm; }
html { color-scheme: only light; }
body { margin: 0; background: #fff; color: #000; font: 7pt/1.3 system-ui, sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
section { display: grid; grid-template-columns: repeat(3, 62mm); grid-auto-rows: 36mm;
  justify-content: center; break-after: page; }
section:last-of-type { break-after: auto; }
article { box-sizing: border-box; display: grid; grid-template: 27mm 1fr / 27mm 1fr;
  column-gap: 1.5mm; padding: 1.5mm; border: 0.2mm dashed #bbb; overflow: hidden;
  break-inside: avoid; }
svg { display: block; width: 27mm; height: 27mm; }
dl, dd, p { margin: 0; }
dl { padding-top: 1.5mm; overflow: hidden; }
dt { font-size: 5.5pt; color: #555; }
dd { margin-bottom: 0.7mm; overflow-wrap: anywhere; }
.long { grid-column: 1 / -1; white-space: nowrap; }
.long, .code { font-family: ui-monospace, monospace; }
.note { position: sticky; bottom: 0; margin: 0; padding: 3mm; font-size: 10pt; text-align: center;
  background: #fff; border-top: 0.2mm solid #bbb; }
@media print { .note { display: none; } }
`;

/** Content-Security-Policy of the page: only its own style. */
export const SHEET_POLICY =
  `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>eSIM Profiles</title>
<style>${STYLE}</style>
</head>
<body>
`;

/** eSIM Profiles examined per label, since any number may have no code. */
const LOOKED_AT = 10;

export interface SheetLimit {
  /** Maximum number of labels. */
  limit: number;
  /** URL of the sheet that continues after this SID. */
  nextUrl: (last: string) => string;
}

/** Summary of a sheet. */
export interface SheetEnd {
  labels: number;
  /** eSIM Profiles without a code. */
  leftOut: number;
  /** The last SID examined, if there are more. */
  last: string | undefined;
}

/**
 * Renders the page in pieces. Yields to other work between labels, because a QR code takes milliseconds. Returns a
 * summary.
 */
export async function* qrSheet(
  profiles: AsyncIterable<QrLabel>,
  limits?: SheetLimit,
): AsyncGenerator<string, SheetEnd> {
  const { limit = Infinity, nextUrl } = limits ?? {};
  yield HEAD;
  let labels = 0;
  let leftOut = 0;
  let last: string | undefined;
  let more = false;
  for await (const profile of profiles) {
    more = labels === limit || labels + leftOut >= limit * LOOKED_AT;
    if (more) break;
    last = profile.sid;
    if (profile.activation_code === null) {
      leftOut++;
      continue;
    }
    if (labels % LABELS_A_PAGE === 0)
      yield labels === 0 ? '<section>\n' : '</section>\n<section>\n';
    yield renderLabel(profile, profile.activation_code);
    labels++;
    await nextTurn();
  }
  if (labels > 0) yield '</section>\n';
  const end = { labels, leftOut, last: more ? last : undefined };
  yield renderNote(end, nextUrl);
  yield '</body>\n</html>\n';
  return end;
}

/** A note shown on screen but not printed. */
function renderNote({ labels, leftOut, last }: SheetEnd, nextUrl: SheetLimit['nextUrl'] = String) {
  const sentences: string[] = [];
  if (labels > 0) sentences.push(`${countOf(labels, 'label')}.`);
  if (leftOut > 0) {
    sentences.push(
      `${countOf(leftOut, 'eSIM Profile')} without an activation code ${leftOut === 1 ? 'is' : 'are'} left out.`,
    );
  }
  if (last !== undefined) {
    const href = escapeHtml(nextUrl(last));
    sentences.push(`There are more: <a href="${href}">next sheet</a>.`);
  } else if (labels + leftOut === 0) {
    sentences.push('No matching eSIM Profile has a usable activation code.');
  }
  return `<p class="note">${sentences.join(' ')}</p>\n`;
}

const countOf = (count: number, what: string) =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

const SHOWN_OF_SID = 8;

function renderLabel(
  { sid, eid, iccid, matching_id, profile_type }: QrLabel,
  activationCode: string,
) {
  const code = qrSvg(qrModules(activationCode), '27mm').replace(
    '<svg ',
    `<svg role="img" aria-label="${escapeHtml(qrPayload(activationCode))}" `,
  );
  return `<article>${code}<dl>
<dt>Profile type</dt><dd>${escapeHtml(profile_type ?? '-')}</dd>
<dt>Matching ID</dt><dd class="code">${escapeHtml(matching_id ?? '-')}</dd>
<dt>SID ends with</dt><dd class="code">${sid.slice(-SHOWN_OF_SID)}</dd>
</dl>${long('ICCID', iccid)}${long('EID', eid)}</article>
`;
}

const long = (name: string, value: string | null) =>
  value === null ? '' : `<p class="long">${name} ${escapeHtml(value)}</p>`;
