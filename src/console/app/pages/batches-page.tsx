import { NONE } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { StatusList, useStatusList } from '../components/status-list.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE, useQuery } from '../location.ts';
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import { BATCH_STATUSES } from '../types.ts';
import type { Batch } from '../types.ts';
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
  const list = useStatusList<Batch>(BATCHES, 'batches', BATCH_STATUSES, query);
  usePoll(list.rows.some(isAtWork) && !list.loading, list.reload);
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
      <StatusList
        title="Batches"
        list={list}
        columns={COLUMNS}
        statuses={BATCH_STATUSES}
        query={query}
        none={<None query={query} />}
      />
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
