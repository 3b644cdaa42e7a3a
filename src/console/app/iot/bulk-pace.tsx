import { Field } from '../components/field.tsx';
import type { BulkPartProps } from './bulk-form.ts';
import { Check } from './operation-fields.tsx';

/** How fast it goes, and when it halts. */
export function BulkPace({ form, change, problemOf }: BulkPartProps) {
  const field = (name: 'Rate' | 'MaximumFailures' | 'Canary') => ({
    name,
    value: form[name],
    onInput: (value: string) => change({ [name]: value.trim() }),
    problem: problemOf(name),
  });
  return (
    <fieldset class="field bulk-fast">
      <legend>How fast, and when it halts</legend>
      <Field
        label="eUICCs a minute (optional)"
        placeholder="600"
        help="How many are given their operation. Empty: all at once."
        {...field('Rate')}
      />
      <Field
        label="Halt when more have failed than (optional)"
        placeholder="5%"
        help="A number, or a percentage of all. Empty: never."
        {...field('MaximumFailures')}
      />
      <Field
        label="How many go first (optional)"
        placeholder="20"
        help="Those that have polled last. The others follow when all of these have ended and none has failed."
        {...field('Canary')}
      />
      {form.Canary !== '' && (
        <Check
          label="Then pause until I resume it"
          about="Otherwise the others follow by themselves."
          checked={form.CanaryApproval}
          onCheck={(CanaryApproval) => change({ CanaryApproval })}
        />
      )}
    </fieldset>
  );
}
