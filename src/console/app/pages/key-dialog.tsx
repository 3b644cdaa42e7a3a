import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Command } from '../components/command.tsx';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Key, Scope } from '../types.ts';

const SCOPES = [
  ['full', 'Full access'],
  ['orders', 'Orders: read everything, change orders and what belongs to them'],
  ['stock', 'Stock: read everything, import stock and set its thresholds'],
  ['read', 'Read only'],
] as const;

/** Creates a key, and shows its secret once. */
export function KeyDialog({
  dialog,
  onCreate,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
  onCreate: () => void;
}) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('full');
  const [made, setMade] = useState<Key>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const form = { FriendlyName: name || undefined, Scope: scope };
      setMade(await api.post<Key>('/v1/Keys', form));
      setProblem(undefined);
      onCreate();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  /** Clears the secret from the page as well. */
  function forget(): void {
    setMade(undefined);
    setName('');
    setScope('full');
    setProblem(undefined);
  }

  if (made !== undefined) {
    return (
      <Dialog title="Key created" dialog={dialog} onClose={forget}>
        <p>Copy the secret now: it won’t be shown again.</p>
        <div class="field">
          <h3>Key SID</h3>
          <Command text={made.sid} what="key SID" />
        </div>
        <div class="field">
          <h3>Secret</h3>
          <Command text={made.secret ?? ''} what="secret" />
        </div>
        <div class="form-actions">
          <button
            type="button"
            class="button button-primary"
            onClick={() => dialog.current?.close()}
          >
            Done
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create an API key" dialog={dialog} onClose={forget}>
      <form onSubmit={(event) => void create(event)} noValidate>
        <Field
          label="Name"
          name="name"
          value={name}
          onInput={setName}
          help="Who or what will use it: a program, a machine, a person."
          problem={problem?.parameter === 'FriendlyName' ? problem.reason : undefined}
        />
        <fieldset class="field">
          <legend>Scope</legend>
          {SCOPES.map(([value, label]) => (
            <label key={value} class="choice">
              <input
                type="radio"
                name="scope"
                checked={scope === value}
                onChange={() => setScope(value)}
              />
              {label}
            </label>
          ))}
        </fieldset>
        {problem !== undefined && problem.parameter !== 'FriendlyName' && (
          <Problem problem={problem} />
        )}
        <DialogButtons dialog={dialog} submit="Create" disabled={busy} />
      </form>
    </Dialog>
  );
}
