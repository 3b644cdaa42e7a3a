import { useEffect, useRef, useState } from 'preact/hooks';
import { CopyButton } from '../components/copy.tsx';
import { Dialog } from '../components/dialog.tsx';
import { BASE } from '../location.ts';
import { selectOnly } from '../selection.ts';
import { actionOf } from './actions.ts';
import type { BulkAction } from './actions.ts';
import { changedOrders, dismissJob, pause, run, startJob, stopJob } from './job.ts';
import type { Failure, Job } from './job.ts';

/** A job: how far it is, and what can be done about it. */
export function JobBar({ job }: { job: Job }) {
  const { state, total, left, done, failures } = job;
  const action = actionOf(job.action);
  return (
    <section class="dock-bar" aria-label="Changes in progress" data-state={state}>
      <div class="dock-text">
        {state === 'waiting' ? (
          <Countdown job={job} />
        ) : (
          <p>
            <strong>{titleOf(job, action)}</strong>
            <span class="muted">{stateOf(job)}</span>
          </p>
        )}
        {(state === 'running' || state === 'paused') && (
          <progress
            aria-label="Orders"
            value={done + failures.length}
            max={total}
            data-left={left.length}
          />
        )}
      </div>
      <div class="dock-actions">
        <JobActions job={job} action={action} />
      </div>
    </section>
  );
}

function titleOf({ state, total, done, isUndo }: Job, action: BulkAction): string {
  const text = state === 'running' || state === 'paused' ? action.doing(total) : action.done(done);
  return isUndo ? `Undo: ${text}` : text;
}

function stateOf({ state, total, done, failures, left, problem }: Job): string {
  const failed = failures.length === 0 ? [] : [`${failures.length.toLocaleString()} failed`];
  if (state === 'finished') return failed.join();
  if (state === 'stopped') {
    return [...failed, `stopped: ${left.length.toLocaleString()} not changed`].join(', ');
  }
  const progress = `${(done + failures.length).toLocaleString()} of ${total.toLocaleString()}`;
  const why = state === 'paused' ? [problem === undefined ? 'paused' : `paused: ${problem}`] : [];
  return [progress, ...failed, ...why].join(', ');
}

/** The seconds until the first request. */
function Countdown({ job: { action, total, begins } }: { job: Job }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((begins - now) / 1000));
  return (
    <p>
      <strong>
        {actionOf(action).doing(total)} in {seconds} s
      </strong>
      <span class="muted">nothing has been sent yet</span>
    </p>
  );
}

function JobActions({ job, action }: { job: Job; action: BulkAction }) {
  const { state, undo, failures, isUndo } = job;
  const dialog = useRef<HTMLDialogElement>(null);
  const changed = changedOrders();
  if (state === 'waiting') {
    return (
      <>
        <button type="button" class="button button-primary" onClick={dismissJob}>
          Undo
        </button>
        <button type="button" class="button" onClick={run}>
          Start now
        </button>
      </>
    );
  }
  if (state === 'running' || state === 'paused') {
    return (
      <>
        {state === 'running' ? (
          <button type="button" class="button" onClick={() => pause()}>
            Pause
          </button>
        ) : (
          <button type="button" class="button button-primary" onClick={run}>
            Continue
          </button>
        )}
        <button type="button" class="button" onClick={stopJob}>
          Stop
        </button>
      </>
    );
  }
  return (
    <>
      {undo.length > 0 && !isUndo && (
        <button type="button" class="button" onClick={() => startJob(action.id, undo, true)}>
          Undo
        </button>
      )}
      {failures.length > 0 && (
        <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
          What failed
        </button>
      )}
      {changed.length > 0 && (
        <button
          type="button"
          class="button"
          onClick={() => {
            selectOnly(changed);
            dismissJob();
          }}
        >
          Select {changed.length === 1 ? 'it' : 'them'}
        </button>
      )}
      <button type="button" class="button" onClick={dismissJob}>
        Close
      </button>
      <Dialog title="What failed" dialog={dialog}>
        <Failures failures={failures} />
        <div class="form-actions">
          <CopyButton text={asText(failures)} what="SIDs and reasons" label="Copy all" />
          <button
            type="button"
            class="button button-primary"
            onClick={() =>
              startJob(
                action.id,
                failures.map(({ item }) => item),
                isUndo,
              )
            }
          >
            Try again
          </button>
        </div>
      </Dialog>
    </>
  );
}

const SHOWN = 20;

function Failures({ failures }: { failures: readonly Failure[] }) {
  const byReason = Map.groupBy(failures, ({ reason }) => reason);
  return (
    <div class="failures">
      {[...byReason].map(([reason, of]) => (
        <div key={reason}>
          <p>
            <strong>{of.length.toLocaleString()}</strong> {reason}
          </p>
          <p class="failure-sids">
            {of.slice(0, SHOWN).map(({ item: { sid } }) => (
              <a key={sid} href={`${BASE}/profiles/${sid}`}>
                <code>{`${sid.slice(0, 10)}…${sid.slice(-6)}`}</code>
              </a>
            ))}
            {of.length > SHOWN && <span class="muted">and {of.length - SHOWN} more</span>}
          </p>
        </div>
      ))}
    </div>
  );
}

/** Lines that a spreadsheet takes as two columns. */
function asText(failures: readonly Failure[]): string {
  return failures.map(({ item, reason }) => `${item.sid}\t${reason}`).join('\n');
}
