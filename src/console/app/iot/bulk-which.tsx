import { useId } from 'preact/hooks';
import { Choices } from '../components/choices.tsx';
import { SelectField } from '../components/select-field.tsx';
import type { BulkPartProps } from './bulk-form.ts';
import { SEEN } from './euiccs-query.ts';
import { EUICC_STATES } from './types.ts';
import { useGroups } from './use-groups.ts';

/** Which eUICCs are asked. */
export function BulkWhich({ form, change, problemOf }: BulkPartProps) {
  const { value: groups = [] } = useGroups();
  return (
    <>
      <Choices
        legend="Which eUICCs?"
        value={form.which}
        onChoose={(which) => change({ which })}
        choices={[
          { value: 'group', label: 'Those of a group' },
          { value: 'all', label: 'All of the account' },
          { value: 'list', label: 'Those of a list' },
        ]}
      />
      {form.which === 'group' && (
        <SelectField
          label="Group"
          value={form.group}
          onChoose={(group) => change({ group })}
          options={[
            { value: '', title: 'Choose one' },
            ...groups.map(({ sid, name }) => ({ value: sid, title: name })),
          ]}
          problem={problemOf('Group')}
        />
      )}
      {form.which === 'list' ? (
        <Eids form={form} change={change} problemOf={problemOf} />
      ) : (
        <div class="bulk-filters">
          <SelectField
            label="Of these"
            value={form.status}
            onChoose={(status) => change({ status })}
            options={[
              { value: '', title: 'In any status' },
              ...EUICC_STATES.map((value) => ({ value })),
            ]}
          />
          <SelectField
            label="Last seen"
            value={form.seen}
            onChoose={(seen) => change({ seen })}
            options={[{ value: '', title: 'At any time' }, ...SEEN]}
          />
        </div>
      )}
    </>
  );
}

function Eids({ form, change, problemOf }: BulkPartProps) {
  const id = useId();
  const problem = problemOf('Eids');
  return (
    <div class="field">
      <label for={id}>EIDs</label>
      <textarea
        id={id}
        class="mono"
        rows={6}
        spellcheck={false}
        value={form.eids}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onInput={({ currentTarget }) => change({ eids: currentTarget.value })}
      />
      {problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
