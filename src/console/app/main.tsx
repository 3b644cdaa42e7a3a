import { render } from 'preact';
import { App } from './app.tsx';
import { resumeSession } from './session.ts';

/** The ticket of a sign-in link, removed from the address bar, and so from the history, at once. */
function takeTicket(): string | undefined {
  const ticket = /^#ticket=([\w.~-]+)$/.exec(location.hash)?.[1];
  if (ticket !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return ticket;
}

void resumeSession(takeTicket());
addEventListener('hashchange', () => {
  const ticket = takeTicket();
  if (ticket !== undefined) void resumeSession(ticket);
});
render(<App />, document.getElementById('app')!);
