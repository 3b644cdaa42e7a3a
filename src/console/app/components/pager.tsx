import type { Query } from '../location.ts';
import { FIRST_PAGE, pageOf } from '../location.ts';
import { recall, remember } from '../remembered.ts';
import type { Meta } from '../types.ts';
import { Icon } from './icon.tsx';

export const PAGE_SIZES = ['20', '50', '100', '500'];

/** From the address bar, otherwise the size last chosen in this browser. */
export function pageSize(query: Query): string {
  const asked = query.get('size') || recall('page-size') || '';
  return PAGE_SIZES.includes(asked) ? asked : '50';
}

/** Which page, as the API takes it. */
export const pageParameters = (query: Query) => ({
  PageSize: pageSize(query),
  Page: query.get('page') || undefined,
  PageToken: query.get('token') || undefined,
});

/** Links to the next and previous page, and the choice of page size. */
export function Pager({ meta, query, count }: { meta: Meta; query: Query; count: number }) {
  const previous = query.get('token') === '' ? undefined : pageOf(meta.previous_page_url);
  const next = pageOf(meta.next_page_url);
  function go(page: string, token: string): void {
    query.change({ page: page === '0' ? '' : page, token });
    // The buttons are at the bottom; show the new page from its top.
    scrollTo(0, 0);
  }
  return (
    <nav class="pager" aria-label="Pages">
      <label>
        Rows
        <select
          value={pageSize(query)}
          onChange={({ currentTarget }) => {
            remember('page-size', currentTarget.value);
            query.change({ size: currentTarget.value, ...FIRST_PAGE });
          }}
        >
          {PAGE_SIZES.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </select>
      </label>
      <span class="muted pager-place" aria-live="polite">
        Page {meta.page + 1}, {count} {count === 1 ? 'row' : 'rows'}
      </span>
      {query.get('token') !== '' && (
        <button type="button" class="button" onClick={() => go('', '')}>
          First
        </button>
      )}
      <button
        type="button"
        class="button"
        data-page="previous"
        aria-keyshortcuts="["
        disabled={previous === undefined}
        onClick={() => previous && go(previous.page, previous.token)}
      >
        <Icon name="back" />
        Previous
      </button>
      <button
        type="button"
        class="button"
        data-page="next"
        aria-keyshortcuts="]"
        disabled={next === undefined}
        onClick={() => next && go(next.page, next.token)}
      >
        Next
        <Icon name="forward" />
      </button>
    </nav>
  );
}
