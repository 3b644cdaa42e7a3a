import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Sim, SimStatus } from '../types.ts';

/** The changes of status that the API allows. */
const NEXT: Record<SimStatus, readonly SimStatus[]> = {
  new: ['ready', 'active', 'inactive'],
  ready: ['active', 'inactive'],
  active: ['inactive'],
  inactive: ['active'],
  scheduled: [],
};

const SETTLES_MS = 1_000;

/** Reloads while a change of status is scheduled. */
export function useScheduled(sims: readonly Sim[], reload: () => void): void {
  const scheduled = sims.some(({ status }) => status === 'scheduled');
  useEffect(() => {
    if (!scheduled) return undefined;
    const timer = setTimeout(reload, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [scheduled, sims]);
}

/** Changes the name and the status of a Sim. */
export function SimDialog({
  sim,
  dialog,
  onClose,
  onChange,
}: {
  sim: Sim;
  dialog: RefObject<HTMLDialogElement | null>;
  onClose?: () => void;
  onChange: (sim: Sim) => void;
}) {
  const [name, setName] = useState(sim.unique_name ?? '');
  const [status, setStatus] = useState<SimStatus>(sim.status);
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setName(sim.unique_name ?? '');
    setStatus(sim.status);
    setProblem(undefined);
  }, [sim]);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const changed = await api.post<Sim>(`/v1/Sims/${sim.sid}`, {
        UniqueName: name === (sim.unique_name ?? '') ? undefined : name,
        Status: status === sim.status ? undefined : status,
      });
      onChange(changed);
      announce('Sim saved');
      dialog.current?.close();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  const isOfName = problem?.parameter === 'UniqueName';
  return (
    <Dialog title="Edit Sim" dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <p class="muted">
          ICCID <code>{sim.iccid}</code>
        </p>
        <Field
          label="Unique name"
          name="unique-name"
          value={name}
          onInput={setName}
          problem={isOfName ? problem.reason : undefined}
          help="A name of your choice; leave it empty for none."
        />
        <SelectField
          label="Status"
          value={status}
          onChoose={(chosen) => setStatus(chosen as SimStatus)}
          options={[sim.status, ...NEXT[sim.status]].map((value) => ({ value }))}
          disabled={NEXT[sim.status].length === 0}
        />
        {problem !== undefined && !isOfName && (
          <p class="field-problem" role="alert">
            {problem.reason}
          </p>
        )}
        <DialogButtons dialog={dialog} submit="Save" disabled={busy} />
      </form>
    </Dialog>
  );
}
