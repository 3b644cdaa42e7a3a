import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { FilterChips } from '../components/filter-chips.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE, chosenOf, useQuery } from '../location.ts';
import { useMay } from '../session.ts';
import type { Meta } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useTitle } from '../use-title.ts';
import { bulkInWords, eUICCs, hasEnded, targetInWords } from './bulk-in-words.ts';
import { FleetTabs } from './fleet-tabs.tsx';
import { bulkPage, BULKS } from './paths.ts';
import { BULK_STATUSES } from './types.ts';
import type { BulkOperation, EuiccGroup } from './types.ts';
import { useGroups } from './use-groups.ts';
import './iot.css';

const FRESH_MS = 3_000;

const columnsWith = (groups: readonly EuiccGroup[] | undefined): Column<BulkOperation>[] => [
  {
    id: 'what',
    title: 'Operation',
    phone: 'start',
    cell: (bulk) => (
      <a class="row-link" data-row-link href={bulkPage(bulk.sid)} title={bulk.sid}>
        <span class="name">{bulkInWords(bulk)}</span>
      </a>
    ),
  },
  {
    id: 'status',
    title: 'Status',
    phone: 'end',
    cell: ({ status }) => <StatusPill status={status} />,
  },
  {
    id: 'count',
    title: 'On',
    phone: 'below',
    cell: (bulk) => `${eUICCs(bulk.count)} (${targetInWords(bulk, groups)})`,
  },
  {
    id: 'created',
    title: 'Created',
    phone: 'below-end',
    cell: ({ date_created: date }) => <Time date={date} />,
  },
  {
    id: 'ended',
    title: 'Ended',
    cell: ({ date_ended: date }) => (date === null ? NONE : <Time date={date} />),
  },
];

/** The bulk operations of the account, newest first. */
export function BulksPage() {
  useTitle('Bulk operations');
  const query = useQuery();
  const mayChange = useMay('orders');
  const groups = useGroups();
  const { value, problem, loading, slow, reload } = useLoad(
    `bulk operations?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ bulk_operations: BulkOperation[]; meta: Meta }>(
        BULKS,
        {
          Status: chosenOf(query, 'status', BULK_STATUSES),
          PageSize: pageSize(query),
          Page: query.get('page') || undefined,
          PageToken: query.get('token') || undefined,
        },
        signal,
      ),
    true,
  );
  const rows = value?.bulk_operations ?? [];
  usePoll(rows.some((bulk) => !hasEnded(bulk)) && !loading, reload, FRESH_MS);
  return (
    <>
      <PageHead title="Bulk operations">
        {mayChange && (
          <a class="button" href={`${BASE}/euiccs/bulk/new`}>
            <Icon name="plus" />
            Ask many
          </a>
        )}
      </PageHead>
      <FleetTabs here="bulk" />
      <div class="filters">
        <FilterChips query={query} name="status" label="Status" values={BULK_STATUSES} />
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined && rows.length === 0 && !loading && (
        <div class="empty">
          <h2>{query.get('status') === '' ? 'No bulk operations yet' : 'None has this status'}</h2>
          <p>
            A bulk operation asks up to 10,000 eUICCs to do the same: so many a minute, a few of
            them first if you like, and it halts by itself when too many fail.
          </p>
        </div>
      )}
      {rows.length > 0 && (
        <DataTable
          title="Bulk operations"
          columns={columnsWith(groups.value)}
          rows={rows}
          busy={loading && slow}
        />
      )}
      {value !== undefined && (rows.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={rows.length} />
      )}
    </>
  );
}
