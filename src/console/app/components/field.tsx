import { useEffect, useId, useRef } from 'preact/hooks';

export interface FieldProps {
  label: string;
  name: string;
  value: string;
  onInput: (value: string) => void;
  onBlur?: () => void;
  /** Error message for the value. */
  problem?: string | undefined;
  help?: string | undefined;
  type?: 'text' | 'password' | 'datetime-local';
  placeholder?: string;
  autocomplete?: string;
  mono?: boolean;
  autofocus?: boolean;
}

/** A text field with its label, and an error message below. */
export function Field(props: FieldProps) {
  const { label, name, value, onInput, onBlur, problem, help, type = 'text', autofocus } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autofocus === true) input.current?.focus();
  }, []);
  const described = problem !== undefined ? `${id}-problem` : help && `${id}-help`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        name={name}
        {...(type === 'text' ? {} : { type })}
        value={value}
        placeholder={props.placeholder}
        autocomplete={props.autocomplete ?? 'off'}
        autocapitalize="off"
        spellcheck={false}
        class={props.mono === true ? 'mono' : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={described}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onBlur={onBlur}
      />
      {problem !== undefined ? (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      ) : (
        help !== undefined && (
          <p class="muted" id={`${id}-help`}>
            {help}
          </p>
        )
      )}
    </div>
  );
}
