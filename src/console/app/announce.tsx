// Announces changes to screen readers without moving the focus.
import { createStore, useStore } from './store.ts';

const said = createStore('');

export function announce(text: string): void {
  said.set('');
  setTimeout(() => said.set(text), 50);
}

const OFTEN_MS = 1_000;
let often: { text: string; count: number } | undefined;

/**
 * For what may happen often: announced once a second.
 * @param many what to say if it happened several times; by default, what was said last
 */
export function announceOften(text: string, many: (count: number) => string = () => text): void {
  if (often !== undefined) {
    often = { text: many(often.count + 1), count: often.count + 1 };
    return;
  }
  often = { text, count: 1 };
  setTimeout(() => {
    if (often !== undefined) announce(often.text);
    often = undefined;
  }, OFTEN_MS);
}

export function Announcer() {
  const text = useStore(said);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
