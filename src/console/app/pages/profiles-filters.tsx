import { useEffect, useState } from 'preact/hooks';
import type { Query } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { Status } from '../types.ts';
import { recogniseSearch } from './profile-search.ts';
import { isFiltered, statusesOf } from './profiles-query.ts';

const FIRST_PAGE = { page: '', token: '' };

export function ProfilesFilters({ query }: { query: Query }) {
  return (
    <div class="filters">
      <SearchBox query={query} />
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

/** Searches as soon as the text is something whole. */
function SearchBox({ query }: { query: Query }) {
  const asked = query.get('q');
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const search = recogniseSearch(text);
  const isOdd = text.trim() !== '' && search === undefined;

  function submit(value: string): void {
    if (value !== asked) query.change({ q: value, ...FIRST_PAGE });
  }

  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOdd) submit(text.trim());
      }}
    >
      <input
        type="search"
        value={text}
        placeholder="SID, EID, ICCID, matching ID"
        aria-label="Search by SID, EID, ICCID, Sim SID, matching ID or activation code"
        aria-describedby="search-kind"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          const found = recogniseSearch(currentTarget.value);
          const isWhole = found !== undefined && found.kind !== 'matching ID';
          if (isWhole || currentTarget.value === '') submit(currentTarget.value.trim());
        }}
      />
      <span class="search-kind" id="search-kind" aria-live="polite">
        {search?.kind ?? (isOdd ? 'not an identifier' : <kbd>/</kbd>)}
      </span>
    </form>
  );
}
