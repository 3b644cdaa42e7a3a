import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { ApiProblem, toProblem } from '../http.ts';
import { BASE } from '../location.ts';
import type { RehearsalStep } from '../types.ts';
import { ReceiverFields, useReceiver } from './receiver-fields.tsx';

/** Lets a virtual phone live the life of a test profile, and shows each step when it is done. */
export function RehearsalDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const receiver = useReceiver();
  const [steps, setSteps] = useState<RehearsalStep[]>([]);
  const [problem, setProblem] = useState<ApiProblem>();
  const running = useRef<AbortController>(undefined);
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' }), [steps]);

  async function rehearse(event: Event): Promise<void> {
    event.preventDefault();
    const form = receiver.check();
    if (form === undefined) return;
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    setSteps([]);
    setProblem(undefined);
    const done: RehearsalStep[] = [];
    try {
      await api.postForLines(
        '/v1/Callbacks/Rehearsals',
        form,
        (step) => {
          done.push(step as RehearsalStep);
          setSteps([...done]);
        },
        controller.signal,
      );
      const last = done.at(-1);
      if (last?.step !== 'finished' && last?.step !== 'failed') {
        throw new ApiProblem(0, { message: 'The connection ended before the rehearsal did.' });
      }
      announce(`${last.step}: ${last.detail}`);
    } catch (error) {
      if (!controller.signal.aborted) setProblem(toProblem(error));
    }
    setBusy(false);
  }

  const sid = steps.at(-1)?.esim_profile_sid;
  return (
    <Dialog
      title="Rehearse with a virtual phone"
      dialog={dialog}
      onClose={() => {
        running.current?.abort();
        setSteps([]);
        setProblem(undefined);
      }}
    >
      <form class="form" onSubmit={(event) => void rehearse(event)} noValidate>
        <p>
          A test profile is ordered, downloaded, installed, enabled, disabled and deleted, and your
          receiver gets all its callbacks. Your stock is not touched.
        </p>
        <ReceiverFields receiver={receiver} />
        {steps.length > 0 && (
          <ol class="steps-done" ref={list} aria-label="Steps" tabIndex={0}>
            {steps.map(({ step, ok, detail }, index) => (
              <li key={index} data-ok={ok}>
                <strong>{step}</strong>
                {!ok && <span class="field-problem"> (not as it should be)</span>}
                <br />
                <span class="muted">{detail}</span>
              </li>
            ))}
          </ol>
        )}
        {problem !== undefined && <Problem problem={problem} />}
        <div class="form-actions">
          {!busy && sid != null && (
            <a class="button" href={`${BASE}/profiles/${sid}`}>
              Show the profile
            </a>
          )}
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {busy ? 'Stop' : 'Close'}
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {busy ? 'Rehearsing…' : 'Rehearse'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
