import { Menu } from '../components/menu.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { later } from '../later.tsx';
import type { Query } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { Status } from '../types.ts';
import { isFiltered, statusesOf } from './profiles-query.ts';

const SavedFilters = later(
  'saved filters',
  async () => (await import('./saved-filters-menu.tsx')).SavedFilters,
);

const FIRST_PAGE = { page: '', token: '' };

export function ProfilesFilters({ query }: { query: Query }) {
  return (
    <div class="filters">
      <SearchBox
        query={query}
        placeholder="SID, ICCID, EID, activation code…"
        label="Search by SID, ICCID, EID, Sim SID, matching ID or activation code"
      />
      <StatusChips query={query} />
      <fieldset class="dates">
        <legend class="visually-hidden">Created between</legend>
        <label>
          Created from
          <input
            type="date"
            value={query.get('from')}
            max={query.get('to')}
            onChange={({ currentTarget }) =>
              query.change({ from: currentTarget.value, ...FIRST_PAGE })
            }
          />
        </label>
        <label>
          to
          <input
            type="date"
            value={query.get('to')}
            min={query.get('from')}
            onChange={({ currentTarget }) =>
              query.change({ to: currentTarget.value, ...FIRST_PAGE })
            }
          />
        </label>
      </fieldset>
      {isFiltered(query) && (
        <button
          type="button"
          class="button-quiet"
          onClick={() => query.change({ status: '', q: '', from: '', to: '', ...FIRST_PAGE })}
        >
          Clear
        </button>
      )}
      <Menu title="Saved filters" icon="filter">
        {(close) => <SavedFilters query={query} close={close} />}
      </Menu>
    </div>
  );
}

function StatusChips({ query }: { query: Query }) {
  const chosen = statusesOf(query);
  function toggle(status: Status): void {
    const next = STATUSES.filter((other) => chosen.includes(other) !== (other === status));
    query.change({ status: next.join(','), ...FIRST_PAGE });
  }
  return (
    <div class="chips" role="group" aria-label="Status">
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          class={`chip pill-${status}`}
          aria-pressed={chosen.includes(status)}
          onClick={() => toggle(status)}
        >
          {status}
        </button>
      ))}
    </div>
  );
}
