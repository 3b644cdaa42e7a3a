// The session: who is signed in.
import { ApiProblem, request, toProblem } from './http.ts';
import { createStore, useStore } from './store.ts';

export interface Session {
  account_sid: string;
  friendly_name: string;
  scope: 'full' | 'read';
  csrf_token: string;
  date_expires: string;
}

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'unreachable'; problem: ApiProblem }
  | { kind: 'signed-out'; why?: string }
  | { kind: 'signed-in'; session: Session };

export const sessionState = createStore<SessionState>({ kind: 'unknown' });

const PATH = '/console/session';

/** Signs in with the ticket of a link, or resumes the browser's session. */
export async function resumeSession(ticket: string | undefined): Promise<void> {
  if (ticket !== undefined) {
    try {
      return signedIn(await post({ ticket }));
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
export async function signIn(accountSid: string, authToken: string): Promise<void> {
  signedIn(await post({ account_sid: accountSid, auth_token: authToken }));
}

export async function signOut(): Promise<void> {
  const headers = csrfHeader();
  await request(PATH, { method: 'DELETE', headers }).catch((error: unknown) => {
    // Already ended: fine.
    if (toProblem(error).status !== 401) throw error;
  });
  sessionState.set({ kind: 'signed-out' });
}

/** The server no longer accepts the session. */
export function sessionEnded(): void {
  if (sessionState.get().kind !== 'signed-in') return;
  sessionState.set({
    kind: 'signed-out',
    why: 'Your session has ended. Sign in to continue where you left off.',
  });
}

/** Whether the user may do more than read. */
export function useMayChange(): boolean {
  const state = useStore(sessionState);
  return state.kind === 'signed-in' && state.session.scope === 'full';
}

export function csrfHeader(): Record<string, string> {
  const state = sessionState.get();
  return state.kind === 'signed-in' ? { 'X-CSRF-Token': state.session.csrf_token } : {};
}

function signedIn(session: Session): void {
  sessionState.set({ kind: 'signed-in', session });
}

function post(body: Record<string, string>): Promise<Session> {
  return request<Session>(PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}
