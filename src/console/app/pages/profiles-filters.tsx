import { FilterChips } from '../components/filter-chips.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu } from '../components/menu.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { later } from '../later.tsx';
import { FIRST_PAGE } from '../location.ts';
import type { Query } from '../location.ts';
import { STATUSES } from '../types.ts';
import { isFiltered, metadataOf, UNFILTERED } from './profiles-query.ts';

const SavedFilters = later(
  'saved filters',
  async () => (await import('./saved-filters-menu.tsx')).SavedFilters,
);

const MoreFilters = later(
  'more filters',
  async () => (await import('./more-filters.tsx')).MoreFilters,
);

export function ProfilesFilters({ query }: { query: Query }) {
  return (
    <div class="filters">
      <SearchBox
        query={query}
        placeholder="Name, SID, ICCID, EID, code…"
        label="Search by name, SID, ICCID, EID, Sim SID, matching ID or activation code"
      />
      <FilterChips query={query} name="status" label="Status" values={STATUSES} />
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
      <Menu title="More filters" icon="filter">
        {(close) => <MoreFilters query={query} close={close} />}
      </Menu>
      <Labels query={query} />
      {isFiltered(query) && (
        <button type="button" class="button-quiet" onClick={() => query.change(UNFILTERED)}>
          Clear
        </button>
      )}
      <Menu title="Saved filters" icon="save">
        {(close) => <SavedFilters query={query} close={close} />}
      </Menu>
    </div>
  );
}

/** The filters that have no field of their own; a click removes one. */
function Labels({ query }: { query: Query }) {
  const chips: [text: string, without: Record<string, string>][] = [];
  const [type, name, batch] = [query.get('type'), query.get('name'), query.get('batch')];
  if (type !== '') chips.push([`Type: ${type}`, { type: '' }]);
  if (name !== '') chips.push([`Name: ${name}…`, { name: '' }]);
  if (batch !== '') chips.push([`Batch: …${batch.slice(-6)}`, { batch: '' }]);
  const pairs = metadataOf(query);
  for (const pair of pairs) {
    const meta = new URLSearchParams(pairs.filter((other) => other !== pair)).toString();
    chips.push([pair.join(' = '), { meta }]);
  }
  return (
    <>
      {chips.map(([text, without]) => (
        <button
          key={text}
          type="button"
          class="chip chip-plain"
          aria-pressed="true"
          title={`Remove the filter ${text}`}
          onClick={() => query.change({ ...without, ...FIRST_PAGE })}
        >
          {text}
          <Icon name="close" />
        </button>
      ))}
    </>
  );
}
