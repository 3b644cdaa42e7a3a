import { useEffect } from 'preact/hooks';
import { Time } from '../components/time.tsx';
import type { Attempt } from '../types.ts';

const SOON_MS = 1_000;
const LATER_MS = 30_000;

/** What is to be sent, with its attempts. */
export interface Sent {
  state: string;
  attempts: Attempt[];
  next_attempt_at: string | null;
}

/** Reloads when the next of these is due, because their progress causes no events. */
export function useDue(sent: readonly Sent[], reload: () => void): void {
  const due = sent
    .filter(({ state }) => state === 'pending')
    .map(({ next_attempt_at: at }) => (at === null ? 0 : Date.parse(at)));
  const next = due.length === 0 ? undefined : Math.min(...due);
  useEffect(() => {
    if (next === undefined) return undefined;
    const wait = Math.min(Math.max(next - Date.now(), SOON_MS), LATER_MS);
    const timer = setTimeout(reload, wait);
    return () => clearTimeout(timer);
  }, [next, sent]);
}

/** The result of the last attempt, and the time of the next. */
export function Outcome({ sent: { state, attempts, next_attempt_at: next } }: { sent: Sent }) {
  const last = attempts.at(-1);
  const isWaiting = state === 'pending' && next !== null;
  if (last === undefined) return <>{state === 'kept' ? 'not sent' : 'not tried yet'}</>;
  return (
    <>
      {outcomeOf(last)}
      {last.attempt > 1 && ` (attempt ${last.attempt})`}
      {isWaiting && (
        <>
          , next <Time date={next} />
        </>
      )}
    </>
  );
}

function outcomeOf({ status_code: status, error }: Attempt): string {
  return error ?? (status === null ? 'no response' : `answered ${status}`);
}

/** All attempts, and the time of the next. */
export function Attempts({ sent: { state, attempts, next_attempt_at: next } }: { sent: Sent }) {
  return (
    <>
      <ul class="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.attempt}>
            <h3>
              Attempt {attempt.attempt}: {outcomeOf(attempt)}
              <span class="muted">
                {' '}
                after {attempt.duration_ms} ms, <Time date={attempt.date_started} />
              </span>
            </h3>
            {attempt.response !== null && attempt.response !== '' && (
              <pre tabIndex={0} aria-label={`Response of attempt ${attempt.attempt}`}>
                <code>{attempt.response}</code>
              </pre>
            )}
          </li>
        ))}
      </ul>
      {state === 'pending' && next !== null && (
        <p class="muted">
          Next attempt <Time date={next} />
        </p>
      )}
    </>
  );
}
