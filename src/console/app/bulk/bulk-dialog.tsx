import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { clearSelection } from '../selection.ts';
import type { Selection } from '../selection.ts';
import type { BulkAction, Field as OptionField, Options } from './actions.ts';
import { GRACE_MS, startJob } from './job.ts';
import { planOf } from './plan.ts';
import type { Group } from './plan.ts';
import { useCollected } from './use-collected.ts';
import { profiles } from './words.ts';

/** Asks what is needed for an action, and shows before it begins what will happen to how many. */
export function BulkDialog({
  action,
  chosen,
  onClose,
}: {
  action: BulkAction;
  chosen: Selection;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [options, setOptions] = useState<Options>({});
  const [isChecked, setChecked] = useState(false);
  const { selected, count, problem } = useCollected(chosen);
  const plan = useMemo(
    () => selected && planOf(action, selected, options),
    [action, selected, options],
  );
  const wrong = action.check?.(options) ?? {};
  const isValid = Object.keys(wrong).length === 0;
  useEffect(() => dialog.current?.showModal(), []);

  function begin(): void {
    setChecked(true);
    if (plan === undefined || plan.items.length === 0 || !isValid) return;
    startJob(action.id, plan.items);
    dialog.current?.close();
    clearSelection();
  }

  return (
    <Dialog title={action.title} dialog={dialog} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <p>{action.about}</p>
        {action.fields.map((field) => (
          <Option
            key={field.name}
            field={field}
            value={options[field.name] ?? ''}
            problem={isChecked ? wrong[field.name] : undefined}
            onInput={(value) => setOptions({ ...options, [field.name]: value })}
          />
        ))}
        {problem !== undefined && <Problem problem={problem} />}
        {plan === undefined && problem === undefined && (
          <p class="muted" role="status">
            Reading the selection: {profiles(count)}…
          </p>
        )}
        {plan !== undefined && (
          <div class="plan" role="status">
            <Groups
              title="Will be changed"
              groups={plan.groups.filter((group) => group.isPossible)}
            />
            <Groups
              title="Can’t be changed"
              groups={plan.groups.filter((group) => !group.isPossible)}
            />
          </div>
        )}
        <p class="note">
          {action.final === undefined
            ? (action.undo ??
              'Once it is done, you can undo it, as long as no device has downloaded the profile.')
            : `${action.final} You have ${GRACE_MS / 1000} seconds to undo before it begins.`}
        </p>
        <DialogButtons
          dialog={dialog}
          close="Back"
          submit={action.button(plan?.items.length ?? 0)}
          danger={action.id === 'cancel'}
          disabled={plan === undefined || plan.items.length === 0}
        />
      </form>
    </Dialog>
  );
}

function Groups({ title, groups }: { title: string; groups: readonly Group[] }) {
  if (groups.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {groups.map(({ status, text, count }) => (
          <li key={`${status} ${text}`}>
            <strong>{count.toLocaleString()}</strong>
            <StatusPill status={status} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Option({
  field: { name, label, help, type },
  value,
  problem,
  onInput,
}: {
  field: OptionField;
  value: string;
  problem: string | undefined;
  onInput: (value: string) => void;
}) {
  const id = useId();
  if (type !== 'checkbox') {
    return (
      <Field
        label={label}
        name={name}
        value={value}
        onInput={onInput}
        problem={problem}
        help={help}
        type={type}
        mono={name === 'Eid'}
      />
    );
  }
  return (
    <div class="choice">
      <input
        id={id}
        type="checkbox"
        checked={value === 'true'}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={({ currentTarget }) => onInput(String(currentTarget.checked))}
      />
      <div>
        <label for={id}>{label}</label>
        {help !== undefined && (
          <p class="muted" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
