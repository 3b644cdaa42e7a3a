import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { CopyButton } from '../components/copy.tsx';
import { Icon } from '../components/icon.tsx';
import { BASE } from '../location.ts';
import type { Query } from '../location.ts';
import { isFiltered } from './profiles-query.ts';
import { deleteFilter, savedFilters, saveFilter } from './saved-filters.ts';
import './filter-menus.css';

/** The saved filters, and a form to save the one that is in use. */
export function SavedFilters({ query, close }: { query: Query; close: () => void }) {
  const [filters, setFilters] = useState(savedFilters);
  const [name, setName] = useState('');
  const current = filterOf(query);
  const canSave = isFiltered(query) && !filters.some((saved) => saved.query === current);

  function save(event: Event): void {
    event.preventDefault();
    const given = name.trim();
    if (given === '') return;
    saveFilter(given, current);
    announce(`Filter ${given} saved`);
    close();
  }

  return (
    <div class="saved">
      {filters.length > 0 && (
        <ul aria-label="Saved filters">
          {filters.map(({ name: saved, query: of }) => (
            <li key={saved}>
              <a
                href={`${BASE}/profiles?${of}`}
                aria-current={of === current ? 'true' : undefined}
                onClick={close}
              >
                {saved}
              </a>
              <button
                type="button"
                class="copy"
                aria-label={`Delete the filter ${saved}`}
                onClick={({ currentTarget }) => {
                  // The button disappears with its filter.
                  currentTarget.closest<HTMLElement>('.menu-body')?.focus();
                  deleteFilter(saved);
                  setFilters(savedFilters());
                  announce(`Filter ${saved} deleted`);
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {canSave && (
        <form onSubmit={save}>
          <input
            aria-label="Name of this filter"
            placeholder="Name this filter"
            maxLength={60}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
          <button type="submit" class="button button-primary" disabled={name.trim() === ''}>
            Save
          </button>
        </form>
      )}
      {!isFiltered(query) && filters.length === 0 && (
        <p>Filter the list, then save the filter here under a name.</p>
      )}
      <p class="muted">
        Saved in this browser. Share a filter with your team by its link: the address has all of it.
      </p>
      {isFiltered(query) && (
        <CopyButton
          text={`${location.origin}${BASE}/profiles?${current}`}
          what="link to this filter"
          label="Copy link"
        />
      )}
    </div>
  );
}

/** Without the position in the list. */
function filterOf(query: Query): string {
  const parameters = new URLSearchParams(query.text);
  for (const name of ['page', 'token', 'size']) parameters.delete(name);
  return parameters.toString().replaceAll('%2C', ',');
}
