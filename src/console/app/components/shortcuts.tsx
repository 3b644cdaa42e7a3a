import { useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import { BASE } from '../location.ts';
import { recall, remember } from '../remembered.ts';
import { dropSelection } from '../selection.ts';
import { useMay } from '../session.ts';
import { createStore, useStore } from '../store.ts';
import { Dialog } from './dialog.tsx';

const ORDER = 'n';
const KEYS: [keys: string, what: string][] = [
  ['/', 'Search'],
  [ORDER, 'Order a profile'],
  ['j k', 'Next row, previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['Shift x', 'Select all rows up to this one'],
  ['a', 'Select all rows of the page'],
  ['.', 'Go to what can be done with the selection'],
  ['Esc', 'Clear the selection'],
  ['[ ]', 'Previous page, next page'],
  ['g', 'Go to: then p eSIM Profiles, b Batches, s Sims, i IoT devices, c Callbacks, t Stock'],
  ['?', 'Show these shortcuts'],
];

/** After `g`. */
const PLACES: Record<string, string> = {
  p: '/profiles',
  b: '/batches',
  s: '/sims',
  i: '/euiccs',
  c: '/callbacks',
  t: '/stock',
};
const SEQUENCE_MS = 1_500;

/** WCAG 2.1.4: single keys can be turned off, for those who dictate. */
const isOn = createStore(recall('shortcuts') !== 'off');

export function showShortcuts(): void {
  document.querySelector<HTMLDialogElement>('dialog:has(.keys)')?.showModal();
}

/** The keyboard shortcuts of every page, and the dialog that lists them. */
export function Shortcuts() {
  const { route } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const mayChange = useMay('orders');
  const on = useStore(isOn);
  /** When `g` was pressed. */
  const going = useRef(-SEQUENCE_MS);
  useEffect(() => {
    if (!on) return undefined;
    const doings: Record<string, () => void> = {
      '/': focusSearch,
      '?': showShortcuts,
      j: () => moveRow(1),
      k: () => moveRow(-1),
      x: () => selectRow(false),
      X: () => selectRow(true),
      a: () => document.querySelector<HTMLElement>('th.select input')?.click(),
      '.': () => document.querySelector<HTMLElement>('.dock-actions :is(button, summary)')?.focus(),
      '[': () => page('previous'),
      ']': () => page('next'),
      Escape: dropSelection,
      g: () => {
        going.current = performance.now();
      },
      ...(mayChange ? { [ORDER]: () => route(`${BASE}/order`) } : {}),
    };
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
      const place = performance.now() - going.current < SEQUENCE_MS ? PLACES[event.key] : undefined;
      going.current = -SEQUENCE_MS;
      const doing = place === undefined ? doings[event.key] : () => route(BASE + place);
      if (doing === undefined) return;
      doing();
      event.preventDefault();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [route, mayChange, on]);
  return (
    <Dialog title="Keyboard shortcuts" dialog={dialog}>
      <dl class="keys">
        {KEYS.filter(([keys]) => keys !== ORDER || mayChange).map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={on}
          onChange={({ currentTarget: { checked } }) => {
            remember('shortcuts', checked ? undefined : 'off');
            isOn.set(checked);
          }}
        />
        Use these shortcuts in this browser
      </label>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=checkbox], [type=radio]), textarea, select')
  );
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[type=search]')?.select();
  document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  const next = at === -1 ? (step === 1 ? 0 : links.length - 1) : at + step;
  links[next]?.focus();
}

/** As a click on the checkbox of the row that has the focus. */
function selectRow(range: boolean): void {
  const box = document.activeElement?.closest('tr')?.querySelector('[data-row-select]');
  box?.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: range }));
}

function page(which: 'previous' | 'next'): void {
  document.querySelector<HTMLElement>(`[data-page=${which}]`)?.click();
}
