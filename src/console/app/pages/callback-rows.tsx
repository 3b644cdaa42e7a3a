import { useEffect, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import { useMayChange } from '../session.ts';
import type { Callback, CallbackAttempt } from '../types.ts';

const SOON_MS = 1_000;
const LATER_MS = 30_000;

/** Reloads when the next of these callbacks is due, because their progress causes no events. */
export function useDue(callbacks: readonly Callback[], reload: () => void): void {
  const due = callbacks
    .filter(({ state }) => state === 'pending')
    .map(({ next_attempt_at: at }) => (at === null ? 0 : Date.parse(at)));
  const next = due.length === 0 ? undefined : Math.min(...due);
  useEffect(() => {
    if (next === undefined) return undefined;
    const wait = Math.min(Math.max(next - Date.now(), SOON_MS), LATER_MS);
    const timer = setTimeout(reload, wait);
    return () => clearTimeout(timer);
  }, [next, callbacks]);
}

/** The callbacks, each with its attempts. */
export function CallbackRows({
  callbacks,
  reload,
  whose = false,
}: {
  callbacks: readonly Callback[];
  reload: () => void;
  /** Whether they are about several resources, so each names its own. */
  whose?: boolean;
}) {
  return (
    <div class="rows">
      {callbacks.map((callback) => (
        <Disclosure key={callback.sid} summary={<Summary callback={callback} whose={whose} />}>
          {() => <Body callback={callback} reload={reload} whose={whose} />}
        </Disclosure>
      ))}
    </div>
  );
}

function Summary({ callback, whose }: { callback: Callback; whose: boolean }) {
  const { state, parameters, date_created: date } = callback;
  const sid = callback.esim_profile_sid ?? callback.sim_sid ?? callback.stock_threshold_sid ?? '';
  return (
    <>
      <code>{parameters['Status']}</code>
      <StatusPill status={state} />
      <span class="row-text muted">
        {whose && <code title={sid}>{`${sid.slice(0, 2)}…${sid.slice(-6)}`}</code>}
        <Outcome callback={callback} />
      </span>
      <span class="row-end muted">
        <Time date={date} />
      </span>
    </>
  );
}

/** The result of the last attempt, and the time of the next. */
function Outcome({ callback: { state, attempts, next_attempt_at: next } }: { callback: Callback }) {
  const last = attempts.at(-1);
  const isWaiting = state === 'pending' && next !== null;
  if (last === undefined) return <>not tried yet</>;
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

function outcomeOf({ status_code: status, error }: CallbackAttempt): string {
  return error ?? (status === null ? 'no response' : `answered ${status}`);
}

function Body({
  callback,
  reload,
  whose,
}: {
  callback: Callback;
  reload: () => void;
  whose: boolean;
}) {
  const mayChange = useMayChange();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  async function retry(): Promise<void> {
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
      {whose && <Resource callback={callback} />}
      <p class="url">
        <code>
          {callback.callback_method} {callback.callback_url}
        </code>
      </p>
      <ul class="attempts">
        {callback.attempts.map((attempt) => (
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
        <button type="button" class="button" disabled={busy} onClick={() => void retry()}>
          Retry
        </button>
      )}
    </>
  );
}

function Resource({
  callback: { esim_profile_sid: profile, sim_sid: sim, parameters },
}: {
  callback: Callback;
}) {
  return (
    <p class="url">
      {profile === null && sim === null ? (
        <>
          About the <a href={`${BASE}/stock`}>stock</a> of {parameters['ProfileType']}
        </>
      ) : profile === null ? (
        <>
          About Sim <a href={`${BASE}/sims?q=${sim}`}>{sim}</a>
        </>
      ) : (
        <>
          About eSIM Profile <a href={`${BASE}/profiles/${profile}`}>{profile}</a>
        </>
      )}
    </p>
  );
}
