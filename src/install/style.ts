// The style and the script of install pages. Both stand in the page, and its policy allows them by their hashes.
import { hash } from 'node:crypto';
import { inkOn } from '../values/colour.ts';

/** Of the buttons, without a brand. */
const ACCENT = '#3450c8';

/** Colours meet WCAG AA against their backgrounds, in both themes; so does the text on the accent, whatever it is. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f7; --surface: #fff; --sunken: #f3f4f7; --line: #dfe2e8;
  --strong: #858c9a; --text: #171a21; --muted: #565d6c; --good: #12683c; --good-soft: #e2f5ea; --note: #7a4300;
  --note-soft: #fdf1dc; --bad: #a81d29; --bad-soft: #fdeaeb; --calm: #1d4fb8; --calm-soft: #e6effd; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0e1014; --surface: #181b22; --sunken: #0e1014; --line: #2b303b; --strong: #7d8596; --text: #eceef3;
    --muted: #a4abba; --good: #77d6a0; --good-soft: #12301f; --note: #f2bd6b; --note-soft: #33270f; --bad: #ff9aa1;
    --bad-soft: #3a181c; --calm: #8db7ff; --calm-soft: #16284a; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, ol, dl, dd, figure { margin: 0; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 18px; line-height: 1.3; }
a { color: inherit; }
.page { display: flex; flex-direction: column; gap: 16px; max-width: 480px; margin: 0 auto; padding: 16px 16px 32px; }
.brand { display: flex; align-items: center; min-height: 56px; padding: 4px; font-size: 18px; font-weight: 650; }
.brand img { display: block; max-width: min(220px, 70%); max-height: 48px; }
@media (prefers-color-scheme: dark) { .brand img { padding: 6px 8px; border-radius: 8px; background: #fff; } }
main { display: flex; flex-direction: column; gap: 16px; }
.intro { display: flex; flex-direction: column; gap: 8px; padding: 0 4px 4px; }
.card { display: flex; flex-direction: column; gap: 12px; padding: 20px; border: 1px solid var(--line); border-radius: 16px;
  background: var(--surface); }
.muted, .note { color: var(--muted); }
.note { font-size: 14px; line-height: 1.45; }
.way { display: flex; flex-direction: column; gap: 6px; }
.button { display: flex; align-items: center; justify-content: center; gap: 10px; min-height: 52px; padding: 10px 20px;
  border: 1px solid var(--strong); border-radius: 12px; color: var(--text); font-weight: 600; text-align: center;
  text-decoration: none; }
.button.first { border-color: color-mix(in srgb, var(--accent) 75%, var(--strong)); background: var(--accent);
  color: var(--on-accent); }
.button:hover { filter: brightness(0.96); }
.button svg { flex: none; width: 20px; height: 20px; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
.callout { display: flex; gap: 12px; padding: 14px 16px; border-radius: 12px; background: var(--note-soft); }
.callout svg { flex: none; width: 22px; height: 22px; margin-top: 1px; color: var(--note); }
.callout p:first-child { font-weight: 600; }
.callout p + p { font-size: 14px; line-height: 1.45; }
.qr { align-self: center; padding: 4px; border: 1px solid var(--line); border-radius: 12px; background: #fff; line-height: 0; }
.qr img { width: min(240px, 64vw); height: auto; image-rendering: pixelated; }
details { border: 1px solid var(--line); border-radius: 12px; }
summary { display: flex; align-items: center; justify-content: space-between; min-height: 48px; padding: 8px 14px;
  border-radius: 12px; font-weight: 600; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: ''; width: 8px; height: 8px; margin-inline: 12px 4px; border: solid var(--muted);
  border-width: 0 2px 2px 0; transform: translateY(-2px) rotate(45deg); }
[open] > summary::after { transform: translateY(2px) rotate(225deg); }
.steps { display: flex; flex-direction: column; gap: 14px; padding: 2px 14px 16px; }
ol { display: flex; flex-direction: column; gap: 8px; padding: 0; list-style: none; counter-reset: step; }
li { display: flex; gap: 10px; counter-increment: step; }
li::before { content: counter(step); flex: none; width: 24px; height: 24px; border-radius: 50%; background: var(--sunken);
  font-size: 13px; font-weight: 650; line-height: 24px; text-align: center; }
dl { display: flex; flex-direction: column; gap: 10px; }
dt { margin-bottom: 4px; color: var(--muted); font-size: 14px; }
dd { display: flex; flex-wrap: wrap; align-items: stretch; gap: 8px; }
code { flex: 1 1 150px; min-width: 0; padding: 11px 12px; border-radius: 10px; background: var(--sunken);
  font: 14px/20px ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; -webkit-user-select: all;
  user-select: all; }
button { min-width: 88px; min-height: 44px; padding: 8px 14px; border: 1px solid var(--strong); border-radius: 10px;
  background: none; color: inherit; font: inherit; font-size: 15px; font-weight: 600; cursor: pointer; }
[hidden] { display: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.state { align-items: center; gap: 10px; padding: 36px 24px 32px; text-align: center; }
.state .sign { display: grid; place-items: center; width: 64px; height: 64px; margin-bottom: 6px; border-radius: 50%; }
.state .sign svg { width: 32px; height: 32px; }
.state .button { align-self: stretch; margin-top: 10px; }
.good { background: var(--good-soft); color: var(--good); }
.bad { background: var(--bad-soft); color: var(--bad); }
.calm { background: var(--calm-soft); color: var(--calm); }
.turning { animation: turn 2.4s linear infinite; transform-origin: center; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .turning { animation: none; } }
footer { display: flex; flex-direction: column; gap: 10px; padding: 4px; color: var(--muted); font-size: 14px; }
bdi { min-width: 0; }
footer .support { color: var(--text); font-size: 16px; font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 0 16px; }
nav a, footer .support a { display: inline-flex; align-items: center; min-height: 44px; }
.ways, .each { display: flex; flex-direction: column; gap: 16px; }
.each { gap: 12px; }
@media (min-width: 800px) {
  .page.wide { max-width: 960px; padding-top: 32px; }
  .wide .ways { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; align-items: start; }
  .wide .ways > .hand { grid-column: 1 / -1; }
  .wide .hand .each { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; align-items: start; }
  h1 { font-size: 30px; }
}
.state h1 { font-size: 24px; }
.page:not(.wide) { padding-top: max(16px, 6vh); }
@page { margin: 14mm; }
@media print {
  :root { color-scheme: light; --ground: #fff; --surface: #fff; --sunken: #f3f4f7; --line: #bbb; --text: #000; --muted: #333;
    --note-soft: #fff; --note: #000; }
  body { font-size: 11pt; }
  .page.wide { max-width: none; padding: 0; }
  .wide .ways { display: flex; }
  .tap, nav, button, summary::after { display: none; }
  .callout { border: 1px solid #bbb; }
  .card, details { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .qr img { width: 45mm; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

/** Without a script, the codes are selected by a tap. On plain http, browsers have no clipboard for pages. */
export const SCRIPT = `
for (const button of document.querySelectorAll('button')) {
  const code = button.previousElementSibling;
  const { textContent: label } = button;
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand('copy');
    }
    button.textContent = button.dataset.done;
    document.querySelector('[role=status]').textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
`;

/** The style of a brand. @param accent `#rrggbb`, as checked when it was set */
export function accentStyle(accent: string | null): string {
  const color = accent ?? ACCENT;
  return `:root { --accent: ${color}; --on-accent: ${inkOn(color)}; }`;
}

const allowed = (content: string) => `'sha256-${hash('sha256', content, 'base64')}'`;
const STYLE_ALLOWED = allowed(STYLE);
const SCRIPT_ALLOWED = allowed(SCRIPT);

/** Content-Security-Policy of a page: its own style and script, and images that it contains. */
export function policyOf(accent: string): string {
  return (
    `default-src 'none'; style-src ${STYLE_ALLOWED} ${allowed(accent)}; script-src ${SCRIPT_ALLOWED}; ` +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
}
