import { useId } from 'preact/hooks';
import { useGroups } from './use-groups.ts';

/** A group by its name, old or new. */
export function GroupField({
  value,
  onInput,
  problem,
}: {
  value: string;
  onInput: (value: string) => void;
  problem: string | undefined;
}) {
  const id = useId();
  const { value: groups = [] } = useGroups();
  return (
    <div class="field">
      <label for={id}>Group (optional)</label>
      <input
        id={id}
        name="group"
        list={`${id}-groups`}
        value={value}
        placeholder="Berlin"
        autocomplete="off"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-help`}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <datalist id={`${id}-groups`}>
        {groups.map(({ sid, name }) => (
          <option key={sid} value={name} />
        ))}
      </datalist>
      <p class={problem === undefined ? 'muted' : 'field-problem'} id={`${id}-help`}>
        {problem ?? 'One that does not exist is made.'}
      </p>
    </div>
  );
}
