import { useId } from 'preact/hooks';
import { toLocal } from '../local-time.ts';

const DAY_MS = 86_400_000;

const SOON: [label: string, ms: number][] = [
  ['1 day', DAY_MS],
  ['7 days', 7 * DAY_MS],
  ['30 days', 30 * DAY_MS],
];

/** A time in the future as its user chose it: as `<input type="datetime-local">` has it, in local time; empty for never. */
export function ExpiryField({
  label,
  help,
  value,
  onInput,
  problem,
}: {
  label: string;
  help: string;
  value: string;
  onInput: (value: string) => void;
  problem?: string | undefined;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="expiry">
        <input
          id={id}
          type="datetime-local"
          value={value}
          min={toLocal(new Date())}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-help`}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
        <div class="chips" role="group" aria-label={`${label}: quick choices`}>
          {SOON.map(([name, ms]) => (
            <button
              key={name}
              type="button"
              class="chip chip-plain"
              onClick={() => onInput(toLocal(new Date(Date.now() + ms)))}
            >
              {name}
            </button>
          ))}
          <button
            type="button"
            class="chip chip-plain"
            aria-pressed={value === ''}
            onClick={() => onInput('')}
          >
            Never
          </button>
        </div>
      </div>
      <p class={problem === undefined ? 'muted' : 'field-problem'} id={`${id}-help`}>
        {problem ?? help}
      </p>
    </div>
  );
}
