// A page of labels to print: one eSIM Profile each, with its QR code. HTML that needs nothing else.
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { qrModules, qrPayload, qrSvg } from './qr-code.ts';
import type { QrLabel } from './qr-labels.ts';

/** Three columns of seven are on A4 and on Letter alike, with margins that every printer keeps. */
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
.note { margin: 4mm; font-size: 10pt; text-align: center; }
@media print { .note { display: none; } }
`;

/** Content-Security-Policy of the page: its own style, and nothing from anywhere. */
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

/**
 * The page, piece by piece. Others get their turn between two labels: a QR code takes milliseconds.
 * @param limit labels at most; the page says so when there are more
 * @returns how many labels it has
 */
export async function* qrSheet(
  labels: AsyncIterable<QrLabel>,
  limit = Infinity,
): AsyncGenerator<string, number> {
  yield HEAD;
  let count = 0;
  let more = false;
  for await (const label of labels) {
    more = count === limit;
    if (more) break;
    if (count % LABELS_A_PAGE === 0) yield count === 0 ? '<section>\n' : '</section>\n<section>\n';
    yield renderLabel(label);
    count++;
    await nextTurn();
  }
  if (count > 0) yield '</section>\n';
  if (count === 0) yield note('There is no such eSIM Profile with an activation code.');
  if (more) yield note(`There are more. These are the first ${limit.toLocaleString('en')}.`);
  yield '</body>\n</html>\n';
  return count;
}

const note = (text: string) => `<p class="note">${text}</p>\n`;

const SHOWN_OF_SID = 8;

function renderLabel({ sid, eid, iccid, matching_id, activation_code, profile_type }: QrLabel) {
  const code = qrSvg(qrModules(activation_code), '27mm').replace(
    '<svg ',
    `<svg role="img" aria-label="${escapeHtml(qrPayload(activation_code))}" `,
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

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}
