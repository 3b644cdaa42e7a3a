// Announces changes to screen readers without moving the focus.
import { createStore, useStore } from './store.ts';

const said = createStore('');

export function announce(text: string): void {
  said.set('');
  setTimeout(() => said.set(text), 50);
}

export function Announcer() {
  const text = useStore(said);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
