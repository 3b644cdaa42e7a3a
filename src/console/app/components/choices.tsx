import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface Choice<T extends string> {
  value: T;
  label: string;
  /** What it means. */
  about?: ComponentChildren;
  disabled?: boolean;
}

/** A question with one answer out of a few, each explained. */
export function Choices<T extends string>({
  legend,
  choices,
  value,
  onChoose,
}: {
  legend: string;
  choices: readonly Choice<T>[];
  value: T;
  onChoose: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      {choices.map(({ value: one, label, about, disabled }) => (
        <label key={one} class="choice">
          <input
            type="radio"
            name={name}
            checked={one === value}
            disabled={disabled}
            onChange={() => onChoose(one)}
          />
          <span>
            {label}
            {about !== undefined && (
              <>
                <br />
                <span class="muted">{about}</span>
              </>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
