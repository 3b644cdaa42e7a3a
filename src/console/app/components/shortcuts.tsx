import { useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import { BASE } from '../location.ts';
import { useMayChange } from '../session.ts';
import { Dialog } from './dialog.tsx';

const ORDER = 'n';
const KEYS: [key: string, what: string][] = [
  ['/', 'Search'],
  [ORDER, 'Order a profile'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open the row'],
  ['?', 'Show these shortcuts'],
];

/** The keyboard shortcuts of every page, and the dialog that lists them. */
export function Shortcuts() {
  const { route } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const mayChange = useMayChange();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (event.key === '/') focusSearch();
      else if (event.key === ORDER && mayChange) route(`${BASE}/order`);
      else if (event.key === '?') dialog.current?.showModal();
      else if (event.key === 'j') moveRow(1);
      else if (event.key === 'k') moveRow(-1);
      else return;
      event.preventDefault();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [route, mayChange]);
  return (
    <Dialog title="Keyboard shortcuts" dialog={dialog}>
      <dl class="keys">
        {KEYS.filter(([key]) => key !== ORDER || mayChange).map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[type=search]')?.select();
  document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = at === -1 ? (step === 1 ? 0 : links.length - 1) : at + step;
  links[next]?.focus();
}
