import { api } from '../api.ts';
import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { BATCHES } from '../pages/batch-order.ts';
import type { Batch } from '../types.ts';
import { useLoad } from '../use-load.ts';
import type { BulkPartProps } from './bulk-form.ts';

const NONE: { batches: readonly Batch[] } = { batches: [] };

/** Which profile each eUICC downloads. */
export function BulkDownload({ form, change, problemOf }: BulkPartProps) {
  const { value: { batches } = NONE } = useLoad(BATCHES, (signal) =>
    api.get<{ batches: readonly Batch[] }>(BATCHES, { PageSize: '100' }, signal),
  );
  return (
    <>
      <Choices
        legend="Which profile for each?"
        value={form.from}
        onChoose={(from) => change({ from })}
        choices={[
          { value: 'order', label: 'One that is ordered for its EID now' },
          {
            value: 'batch',
            label: 'One of a batch that was ordered before',
            about: 'Those that are available, and for no EID.',
          },
        ]}
      />
      {form.from === 'order' ? (
        <Field
          label="Profile type (optional)"
          name="ProfileType"
          value={form.ProfileType}
          onInput={(ProfileType) => change({ ProfileType })}
          help="Empty: any."
          problem={problemOf('ProfileType')}
        />
      ) : (
        <SelectField
          label="Batch"
          value={form.BatchSid}
          onChoose={(BatchSid) => change({ BatchSid })}
          options={[
            { value: '', title: 'Choose one' },
            ...batches.map(({ sid, ordered, date_created: date }) => ({
              value: sid,
              title: `…${sid.slice(-6)}: ${ordered.toLocaleString()} ordered, ${date.slice(0, 10)}`,
            })),
          ]}
          problem={problemOf('BatchSid')}
        />
      )}
    </>
  );
}
