// Event streams of the account: one connection each, shared by all listeners of a page.
import { useEffect, useRef } from 'preact/hooks';
import { accountSid, checkSession } from './session.ts';
import { createStore } from './store.ts';
import type { Store } from './store.ts';

/** `lost`: it was open and broke; reconnecting. */
export type StreamState = 'off' | 'connecting' | 'open' | 'lost';

const RETRY_MS = 3_000;
/** A browser allows six connections per server; a hidden page releases its own. */
const HIDDEN_MS = 10_000;

interface Listener<Change> {
  change: (change: Change) => void;
  /** Events may have been missed. */
  resync: () => void;
}

export interface EventStream<Change> {
  state: Store<StreamState>;
  open: () => void;
  close: () => void;
  /** @returns what ends it */
  listen: (listener: Listener<Change>) => () => void;
}

/** @param event what its messages are called */
export function eventStreamOf<Change>(
  path: string,
  event: string,
  accountOf: (change: Change) => string,
): EventStream<Change> {
  const state = createStore<StreamState>('off');
  const listeners = new Set<Listener<Change>>();
  let source: EventSource | undefined;
  let lastId: string | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    disconnect();
    if (state.get() === 'off') state.set('connecting');
    const query = lastId === undefined ? '' : `?LastEventId=${lastId}`;
    source = new EventSource(`${path}${query}`);
    source.addEventListener('open', () => {
      state.set('open');
      if (lastId === undefined) for (const listener of listeners) listener.resync();
    });
    source.addEventListener(event, ({ data, lastEventId }: MessageEvent<string>) => {
      lastId = lastEventId || lastId;
      const change = JSON.parse(data) as Change;
      // The browser has switched, and the stream was connected again.
      if (accountOf(change) !== accountSid()) void checkSession();
      else for (const listener of listeners) listener.change(change);
    });
    source.addEventListener('error', () => {
      state.set('lost');
      // The browser reconnects by itself unless the server refused.
      if (source?.readyState !== EventSource.CLOSED) return;
      // An EventSource does not reveal the HTTP status of a refusal.
      void checkSession();
      retry = setTimeout(connect, RETRY_MS);
    });
  }

  function disconnect(): void {
    clearTimeout(retry);
    clearTimeout(hiding);
    source?.close();
    source = undefined;
  }

  function onVisibility(): void {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') hiding = setTimeout(disconnect, HIDDEN_MS);
    else {
      void checkSession();
      if (source === undefined) connect();
    }
  }

  /**
   * Browsers keep a page that was left in the back/forward cache, with its connection: six such pages would block the
   * seventh. So it disconnects when left and reconnects when shown again.
   */
  function onShown({ persisted }: PageTransitionEvent): void {
    if (!persisted) return;
    void checkSession();
    connect();
  }

  return {
    state,
    open() {
      document.addEventListener('visibilitychange', onVisibility);
      addEventListener('online', connect);
      addEventListener('pagehide', disconnect);
      addEventListener('pageshow', onShown);
      connect();
    },
    close() {
      document.removeEventListener('visibilitychange', onVisibility);
      removeEventListener('online', connect);
      removeEventListener('pagehide', disconnect);
      removeEventListener('pageshow', onShown);
      disconnect();
      lastId = undefined;
      state.set('off');
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** @param resync called when events may have been missed */
export function useChanges<Change>(
  { listen }: Pick<EventStream<Change>, 'listen'>,
  change: (change: Change) => void,
  resync: () => void,
): void {
  const latest = useRef({ change, resync });
  latest.current = { change, resync };
  useEffect(
    () =>
      listen({
        change: (value) => latest.current.change(value),
        resync: () => latest.current.resync(),
      }),
    [listen],
  );
}
