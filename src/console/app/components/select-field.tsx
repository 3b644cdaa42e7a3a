import { useId } from 'preact/hooks';

export interface SelectFieldProps {
  label: string;
  value: string;
  /** Each with the words for it; undefined: the value itself. */
  options: readonly { value: string; title?: string; disabled?: boolean }[];
  onChoose: (value: string) => void;
  /** Error message for the value. */
  problem?: string | undefined;
  disabled?: boolean;
}

/** One of a few values with its label, and an error message below. */
export function SelectField(props: SelectFieldProps) {
  const { label, value, options, onChoose, problem, disabled = false } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.title ?? option.value}
          </option>
        ))}
      </select>
      {problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
