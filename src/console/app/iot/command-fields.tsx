import type { ProblemOf } from '../components/action-dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { commandKinds, MOST_COMMANDS, newCommand, problemName } from './operation-form.ts';
import type { CommandForm } from './operation-form.ts';
import { kindOf } from './kinds.ts';
import { KindChoice, OperationFields } from './operation-fields.tsx';
import type { Euicc } from './types.ts';

/** The commands of one eUICC package, in their order. @param euicc undefined: they are many */
export function CommandFields({
  commands,
  onChange,
  euicc,
  problemOf,
}: {
  commands: readonly CommandForm[];
  onChange: (commands: readonly CommandForm[]) => void;
  euicc: Euicc | undefined;
  problemOf: ProblemOf;
}) {
  const kinds = commandKinds(commands);
  const set = (index: number, values: Partial<CommandForm>) =>
    onChange(commands.map((one, at) => (at === index ? { ...one, ...values } : one)));
  return (
    <div class="field commands">
      {commands.map(({ kind, asked }, index) => (
        <fieldset key={index} class="command-form">
          <legend>Command {index + 1}</legend>
          <KindChoice
            kinds={kinds}
            value={kind}
            onChoose={(chosen) => set(index, { kind: chosen })}
          />
          <OperationFields
            kind={kindOf(kind)}
            euicc={euicc}
            inPackage
            asked={asked}
            change={(values) => set(index, { asked: { ...asked, ...values } })}
            problemOf={(field) => problemOf(problemName(index, field))}
          />
          <span class="row-actions">
            {index > 0 && (
              <button
                type="button"
                class="button-quiet"
                aria-label={`Move up command ${index + 1}`}
                onClick={() => onChange(swapped(commands, index))}
              >
                Move up
              </button>
            )}
            <button
              type="button"
              class="button-quiet"
              aria-label={`Leave out command ${index + 1}`}
              onClick={() => onChange(commands.filter((_, at) => at !== index))}
            >
              Leave out
            </button>
          </span>
        </fieldset>
      ))}
      {problemOf('Commands') !== undefined && <p class="field-problem">{problemOf('Commands')}</p>}
      {commands.length < MOST_COMMANDS && (
        <button
          type="button"
          class="button"
          onClick={() => onChange([...commands, newCommand(commands)])}
        >
          <Icon name="plus" />
          Add a command
        </button>
      )}
      <p class="muted">
        Up to {MOST_COMMANDS}, all about profiles, or all about eIMs. At most one enables, and one
        disables; list the profiles before you change any.
      </p>
    </div>
  );
}

/** With the one before it. */
function swapped(commands: readonly CommandForm[], index: number): CommandForm[] {
  const changed = [...commands];
  [changed[index - 1], changed[index]] = [changed[index]!, changed[index - 1]!];
  return changed;
}
