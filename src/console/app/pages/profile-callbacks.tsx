import { useEffect, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Problem } from '../components/problem.tsx';
import { RecordsCard } from '../components/records.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { useMayChange } from '../session.ts';
import type { Callback, CallbackAttempt } from '../types.ts';
import type { Records } from '../use-records.ts';

const SOON_MS = 1_000;
const LATER_MS = 30_000;

/** Each callback with its attempts. What becomes of one is no event, so it is asked for. */
export function Callbacks({ callbacks }: { callbacks: Records<Callback> }) {
  const { records, reload } = callbacks;
  const due = (records ?? [])
    .filter(({ state }) => state === 'pending')
    .map(({ next_attempt_at: at }) => (at === null ? 0 : Date.parse(at)));
  const next = due.length === 0 ? undefined : Math.min(...due);
  useEffect(() => {
    if (next === undefined) return undefined;
    const wait = Math.min(Math.max(next - Date.now(), SOON_MS), LATER_MS);
    const timer = setTimeout(reload, wait);
    return () => clearTimeout(timer);
  }, [next, records]);
  return (
    <RecordsCard
      title="Callbacks"
      list={callbacks}
      empty="None: no status has changed yet, or the order named no callback URL."
    >
      {(all) => (
        <div class="rows">
          {all.map((callback) => (
            <Disclosure key={callback.sid} summary={<Summary callback={callback} />}>
              {() => <Body callback={callback} reload={reload} />}
            </Disclosure>
          ))}
        </div>
      )}
    </RecordsCard>
  );
}

function Summary({ callback }: { callback: Callback }) {
  const { state, attempts, parameters, next_attempt_at: next, date_created: date } = callback;
  const last = attempts.at(-1);
  return (
    <>
      <code>{parameters['Status']}</code>
      <StatusPill status={state} />
      <span class="row-text muted">
        {attempts.length === 0 ? 'not tried yet' : `attempt ${attempts.length}`}
        {last !== undefined && `: ${answerOf(last)}`}
        {last !== undefined && state === 'pending' && next !== null && (
          <>
            , next <Time date={next} />
          </>
        )}
      </span>
      <span class="row-end muted">
        <Time date={date} />
      </span>
    </>
  );
}

function answerOf({ status_code: status, error }: CallbackAttempt): string {
  return status === null ? (error ?? 'no answer') : String(status);
}

function Body({ callback, reload }: { callback: Callback; reload: () => void }) {
  const mayChange = useMayChange();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  async function sendAgain(): Promise<void> {
    setBusy(true);
    try {
      await api.post(`/v1/Callbacks/${callback.sid}/Retry`);
      setProblem(undefined);
      announce('The callback is being sent again');
      reload();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }
  return (
    <>
      <p class="url">
        <code>
          {callback.callback_method} {callback.callback_url}
        </code>
      </p>
      <ul class="attempts">
        {callback.attempts.map((attempt) => (
          <li key={attempt.attempt}>
            <h3>
              Attempt {attempt.attempt}: {answerOf(attempt)}
              <span class="muted">
                {' '}
                after {attempt.duration_ms} ms, <Time date={attempt.date_started} />
              </span>
            </h3>
            {attempt.error !== null && attempt.status_code !== null && <p>{attempt.error}</p>}
            {attempt.response !== null && attempt.response !== '' && (
              <pre tabIndex={0} aria-label={`Answer of attempt ${attempt.attempt}`}>
                <code>{attempt.response}</code>
              </pre>
            )}
          </li>
        ))}
      </ul>
      {callback.state === 'pending' && callback.next_attempt_at !== null && (
        <p class="muted">
          Next attempt <Time date={callback.next_attempt_at} />
        </p>
      )}
      <h3>Parameters</h3>
      <DetailsList
        rows={Object.entries(callback.parameters).map(([name, value]) => [
          name,
          <code key={name}>{value}</code>,
        ])}
      />
      {problem !== undefined && <Problem problem={problem} />}
      {mayChange && (
        <button type="button" class="button" disabled={busy} onClick={() => void sendAgain()}>
          Send again
        </button>
      )}
    </>
  );
}
