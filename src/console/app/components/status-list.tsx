import { api } from '../api.ts';
import { chosenOf } from '../location.ts';
import type { Query } from '../location.ts';
import type { Meta } from '../types.ts';
import { useLoad } from '../use-load.ts';
import type { Loaded } from '../use-load.ts';
import type { ComponentChildren } from 'preact';
import { DataTable, TableSkeleton } from './data-table.tsx';
import type { Column } from './data-table.tsx';
import { FilterChips } from './filter-chips.tsx';
import { pageParameters, Pager, pageSize } from './pager.tsx';
import { Problem } from './problem.tsx';

interface Paged<T> extends Loaded<unknown> {
  rows: readonly T[];
  meta: Meta | undefined;
}

/** A page of a list that is filtered by status, as the address of the page says. @param member of the answer that has it */
export function useStatusList<T>(
  path: string,
  member: string,
  statuses: readonly string[],
  query: Query,
): Paged<T> {
  const loaded = useLoad(
    `${path}?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<Record<string, readonly T[]> & { meta: Meta }>(
        path,
        {
          Status: chosenOf(query, 'status', statuses),
          ...pageParameters(query),
        },
        signal,
      ),
    true,
  );
  return {
    ...loaded,
    change: () => loaded.reload(),
    rows: loaded.value?.[member] ?? [],
    meta: loaded.value?.meta,
  };
}

/** Such a page, with its filter. @param none shown instead of an empty table */
export function StatusList<T extends { sid: string }>({
  title,
  list,
  columns,
  statuses,
  query,
  none,
}: {
  title: string;
  list: Paged<T>;
  columns: readonly Column<T>[];
  statuses: readonly string[];
  query: Query;
  none: ComponentChildren;
}) {
  const { rows, meta, problem, loading, slow, reload } = list;
  return (
    <>
      <div class="filters">
        <FilterChips query={query} name="status" label="Status" values={statuses} />
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {meta === undefined && slow && <TableSkeleton />}
      {meta !== undefined && rows.length === 0 && !loading && none}
      {rows.length > 0 && (
        <DataTable title={title} columns={columns} rows={rows} busy={loading && slow} />
      )}
      {meta !== undefined && (rows.length > 0 || query.get('token') !== '') && (
        <Pager meta={meta} query={query} count={rows.length} />
      )}
    </>
  );
}
