// The event stream of eSIM Profiles: one per page, shared by all listeners.
import { useEffect, useRef } from 'preact/hooks';
import { accountSid, checkSession } from './session.ts';
import { createStore } from './store.ts';
import type { EsimProfile, EsimProfileEvent } from './types.ts';

export interface ProfileChange {
  event: EsimProfileEvent;
  esim_profile: EsimProfile;
}

/** `lost`: it was open and broke; reconnecting. */
export const streamState = createStore<'off' | 'connecting' | 'open' | 'lost'>('off');

const RETRY_MS = 3_000;
/** A browser allows six connections per server; a hidden page releases its own. */
const HIDDEN_MS = 10_000;

interface Listener {
  change: (change: ProfileChange) => void;
  /** Events may have been missed. */
  resync: () => void;
}

const listeners = new Set<Listener>();
let source: EventSource | undefined;
let lastId: string | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;

export function openStream(): void {
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('online', connect);
  addEventListener('pagehide', disconnect);
  addEventListener('pageshow', onShown);
  connect();
}

export function closeStream(): void {
  document.removeEventListener('visibilitychange', onVisibility);
  removeEventListener('online', connect);
  removeEventListener('pagehide', disconnect);
  removeEventListener('pageshow', onShown);
  disconnect();
  lastId = undefined;
  streamState.set('off');
}

function connect(): void {
  disconnect();
  if (streamState.get() === 'off') streamState.set('connecting');
  const query = lastId === undefined ? '' : `?LastEventId=${lastId}`;
  source = new EventSource(`/v1/Events${query}`);
  source.addEventListener('open', () => {
    streamState.set('open');
    if (lastId === undefined) for (const listener of listeners) listener.resync();
  });
  source.addEventListener('esim_profile', ({ data, lastEventId }: MessageEvent<string>) => {
    lastId = lastEventId || lastId;
    const change = JSON.parse(data) as ProfileChange;
    // The browser has switched, and the stream was connected again.
    if (change.esim_profile.account_sid !== accountSid()) void checkSession();
    else for (const listener of listeners) listener.change(change);
  });
  source.addEventListener('error', () => {
    streamState.set('lost');
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

/** @param resync called when events may have been missed */
export function useProfileChanges(
  change: (change: ProfileChange) => void,
  resync: () => void,
): void {
  const latest = useRef({ change, resync });
  latest.current = { change, resync };
  useEffect(() => {
    const listener: Listener = {
      change: (value) => latest.current.change(value),
      resync: () => latest.current.resync(),
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}
