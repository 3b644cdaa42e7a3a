import { useState } from 'preact/hooks';
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
import { useMay } from '../session.ts';
import type { Callback } from '../types.ts';
import { Attempts, Outcome } from './attempts.tsx';

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
        <Outcome sent={callback} />
      </span>
      <span class="row-end muted">
        <Time date={date} />
      </span>
    </>
  );
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
  const mayChange = useMay('orders');
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
      <Attempts sent={callback} />
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
