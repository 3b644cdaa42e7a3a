import { useState } from 'preact/hooks';
import { Field } from '../components/field.tsx';
import { FIRST_PAGE } from '../location.ts';
import type { Query } from '../location.ts';
import { useStock } from '../use-stock.ts';
import { metadataOf } from './profiles-query.ts';
import './filter-menus.css';

/** Filters by what the owner calls the profiles, and by their type. */
export function MoreFilters({ query, close }: { query: Query; close: () => void }) {
  const [type, setType] = useState(query.get('type'));
  const [name, setName] = useState(query.get('name'));
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const stock = useStock();
  const known = stock.value?.profile_types.map((of) => of.profile_type) ?? [];
  const types = new Set([...known, ...(type === '' ? [] : [type])]);
  const isHalf = (key.trim() === '') !== (value === '');

  function apply(event: Event): void {
    event.preventDefault();
    if (isHalf) return;
    const pairs = new URLSearchParams(metadataOf(query));
    if (key.trim() !== '') pairs.set(key.trim(), value);
    close();
    query.change({ type, name: name.trim(), meta: pairs.toString(), ...FIRST_PAGE });
  }

  return (
    <form class="more-filters" onSubmit={apply}>
      <label class="field">
        Profile type
        <select value={type} onChange={({ currentTarget }) => setType(currentTarget.value)}>
          <option value="">Any</option>
          {[...types].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <Field label="Name begins with" name="name" value={name} onInput={setName} />
      <div class="pair">
        <Field label="Metadata key" name="key" value={key} onInput={setKey} placeholder="site" />
        <Field
          label="Value"
          name="value"
          value={value}
          onInput={setValue}
          placeholder="Berlin"
          problem={isHalf && key.trim() === '' ? 'Of which key?' : undefined}
        />
      </div>
      <button type="submit" class="button button-primary" disabled={isHalf}>
        Apply
      </button>
    </form>
  );
}
