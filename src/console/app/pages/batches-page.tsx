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
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import { BATCH_STATUSES } from '../types.ts';
import type { Batch, Meta } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useTitle } from '../use-title.ts';
import { BATCHES } from './batch-order.ts';
import { BatchBar, progressInWords } from './batch-progress.tsx';
import { isAtWork } from './use-batch.ts';
import './batches.css';

const COLUMNS: Column<Batch>[] = [
  {
    id: 'sid',
    title: 'Batch',
    phone: 'start',
    cell: ({ sid }) => (
      <a class="row-link" data-row-link href={`${BASE}/batches/${sid}`} title={sid}>
        <code>{`${sid.slice(0, 10)}…${sid.slice(-6)}`}</code>
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
    id: 'progress',
    title: 'Progress',
    phone: 'below',
    cell: (batch) => (
      <span class="batch-cell">
        {progressInWords(batch)}
        <BatchBar batch={batch} label={`Progress of ${batch.sid.slice(-6)}`} />
      </span>
    ),
  },
  {
    id: 'created',
    title: 'Created',
    phone: 'below-end',
    cell: ({ date_created: date }) => <Time date={date} />,
  },
  {
    id: 'completed',
    title: 'Ended',
    cell: ({ date_completed: date }) => (date === null ? NONE : <Time date={date} />),
  },
  {
    id: 'profiles',
    title: 'eSIM Profiles',
    cell: ({ sid, ordered }) =>
      ordered === 0 ? NONE : <a href={`${BASE}/profiles?batch=${sid}`}>Show</a>,
  },
];

/** The batches of the account, newest first. */
export function BatchesPage() {
  useTitle('Batches');
  const query = useQuery();
  const mayChange = useMay('orders');
  const { value, problem, loading, slow, reload } = useLoad(
    `batches?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ batches: Batch[]; meta: Meta }>(
        BATCHES,
        {
          Status: chosenOf(query, 'status', BATCH_STATUSES),
          PageSize: pageSize(query),
          Page: query.get('page') || undefined,
          PageToken: query.get('token') || undefined,
        },
        signal,
      ),
    true,
  );
  const rows = value?.batches ?? [];
  usePoll(rows.some(isAtWork) && !loading, reload);
  return (
    <>
      <PageHead title="Batches">
        {mayChange && (
          <a class="button" href={`${BASE}/order/many`}>
            <Icon name="plus" />
            Order many
          </a>
        )}
      </PageHead>
      <div class="filters">
        <FilterChips query={query} name="status" label="Status" values={BATCH_STATUSES} />
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined && rows.length === 0 && !loading && <None query={query} />}
      {rows.length > 0 && (
        <DataTable title="Batches" columns={COLUMNS} rows={rows} busy={loading && slow} />
      )}
      {value !== undefined && (rows.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={rows.length} />
      )}
    </>
  );
}

function None({ query }: { query: Query }) {
  const isFiltered = query.get('status') !== '';
  return (
    <div class="empty">
      <h2>{isFiltered ? 'No batches match' : 'No batches yet'}</h2>
      <p>
        {isFiltered
          ? 'No batch has this status.'
          : 'A batch orders up to 10,000 profiles at once: so many alike, or one for each line of a file.'}
      </p>
      <a class="button" href={`${BASE}/${isFiltered ? 'batches' : 'order/many'}`}>
        {isFiltered ? 'Show all' : 'Order many'}
      </a>
    </div>
  );
}
