import { chosenOf, FIRST_PAGE } from '../location.ts';
import type { Query } from '../location.ts';

/** Filters a list by one or more of a few values, which the address bar has with commas between. */
export function FilterChips({
  query,
  name,
  label,
  values,
}: {
  query: Query;
  /** In the address bar. */
  name: string;
  label: string;
  values: readonly string[];
}) {
  const chosen = chosenOf(query, name, values);
  function toggle(value: string): void {
    const next = values.filter((other) => chosen.includes(other) !== (other === value));
    query.change({ [name]: next.join(','), ...FIRST_PAGE });
  }
  return (
    <div class="chips" role="group" aria-label={label}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          class={`chip pill-${value}`}
          aria-pressed={chosen.includes(value)}
          onClick={() => toggle(value)}
        >
          {value}
        </button>
      ))}
    </div>
  );
}
