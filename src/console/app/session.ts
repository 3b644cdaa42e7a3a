import type { Scope } from './types.ts';
// The session: who is signed in.
import { ApiProblem, request, toProblem } from './http.ts';
import { isRemembered, remember } from './remembered.ts';
import { createStore, useStore } from './store.ts';

export interface Session {
  account_sid: string;
  friendly_name: string;
  scope: Scope;
  csrf_token: string;
  date_expires: string;
}

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'unreachable'; problem: ApiProblem }
  | { kind: 'signed-out'; why?: string }
  /** Another tab of this browser has switched to another account. */
  | { kind: 'elsewhere'; session: Session; before: Session }
  | { kind: 'signed-in'; session: Session };

export const sessionState = createStore<SessionState>({ kind: 'unknown' });

const PATH = '/console/session';

/** Signs in with the ticket of a link, or resumes the browser's session. */
export async function resumeSession(ticket: string | undefined): Promise<void> {
  if (ticket !== undefined) {
    try {
      const session = await post({ ticket });
      tellOthers();
      return signedIn(session);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status === 0) return sessionState.set({ kind: 'unreachable', problem });
      // If the user is already signed in, a used link does not matter.
      if (await fetchSession()) return undefined;
      return sessionState.set({
        kind: 'signed-out',
        why: 'This link has expired or has been used. Sign in with the account’s token, or run npx simwright console for a new link.',
      });
    }
  }
  if (!(await fetchSession()) && sessionState.get().kind !== 'unreachable') {
    sessionState.set({ kind: 'signed-out' });
  }
}

async function fetchSession(): Promise<boolean> {
  try {
    signedIn(await request<Session>(PATH));
    return true;
  } catch (error) {
    const problem = toProblem(error);
    if (problem.status !== 401) sessionState.set({ kind: 'unreachable', problem });
    return false;
  }
}

/** Throws `ApiProblem`. */
export async function signIn(sid: string, authToken: string): Promise<Session> {
  const session = await post({ account_sid: sid, auth_token: authToken });
  tellOthers();
  return session;
}

/** An account that the browser is signed in to. */
export type SignedInAccount = Pick<Session, 'account_sid' | 'friendly_name' | 'scope'>;

/** The one in use first, if there is one; then the last used. Throws `ApiProblem`. */
export async function signedInAccounts(): Promise<SignedInAccount[]> {
  return (await request<{ accounts: SignedInAccount[] }>(`${PATH}/accounts`)).accounts;
}

/** Loads the page anew, so that nothing of the other account remains in it. Throws `ApiProblem`. */
export async function switchAccount(sid: string): Promise<void> {
  await post({ switch_to: sid });
  tellOthers();
  startOver();
}

/** At the list that the user was at, or that the resource was of. */
export function startOver(): void {
  const [, base, section = 'profiles'] = location.pathname.split('/');
  location.assign(`/${base}/${section}`);
}

/** @param all also of the accounts that are not in use */
export async function signOut(all = false): Promise<void> {
  const headers = csrfHeader();
  const path = all ? `${PATH}?All=true` : PATH;
  await request(path, { method: 'DELETE', headers }).catch((error: unknown) => {
    // Already ended: fine.
    if (toProblem(error).status !== 401) throw error;
  });
  sessionState.set({ kind: 'signed-out' });
  tellOthers();
}

const CHANGED = 'session-changed';

/** The other tabs of this browser, whose session is the same. */
function tellOthers(): void {
  remember(CHANGED, String(Date.now()));
}

addEventListener('storage', ({ key }) => {
  if (isRemembered(CHANGED, key)) void checkSession();
});

/** Whether the browser's session is still the one that this page shows; it is asked when that is in doubt. */
export async function checkSession(): Promise<void> {
  const state = sessionState.get();
  if (state.kind !== 'signed-in' && state.kind !== 'elsewhere') return;
  try {
    const session = await request<Session>(PATH);
    const before = state.kind === 'signed-in' ? state.session : state.before;
    if (session.account_sid !== before.account_sid) {
      sessionState.set({ kind: 'elsewhere', session, before });
    } else if (state.kind === 'elsewhere' || session.csrf_token !== before.csrf_token) {
      signedIn(session);
    }
  } catch (error) {
    if (toProblem(error).status === 401) sessionEnded();
  }
}

/** The server no longer accepts the session. */
function sessionEnded(): void {
  sessionState.set({
    kind: 'signed-out',
    why: 'Your session has ended. Sign in to continue where you left off.',
  });
}

/** Whether the user may change orders, stock, or with `full` everything. */
export function useMay(need: 'orders' | 'stock' | 'full'): boolean {
  const state = useStore(sessionState);
  if (state.kind !== 'signed-in') return false;
  const { scope } = state.session;
  return scope === 'full' || scope === need;
}

/** Of the session. */
export function accountSid(): string | undefined {
  const state = sessionState.get();
  return state.kind === 'signed-in' ? state.session.account_sid : undefined;
}

export function csrfHeader(): Record<string, string> {
  const state = sessionState.get();
  return state.kind === 'signed-in' ? { 'X-CSRF-Token': state.session.csrf_token } : {};
}

export function signedIn(session: Session): void {
  sessionState.set({ kind: 'signed-in', session });
}

function post(body: Record<string, string>): Promise<Session> {
  return request<Session>(PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}
