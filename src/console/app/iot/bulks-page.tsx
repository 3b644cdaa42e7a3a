import { NONE } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { StatusList, useStatusList } from '../components/status-list.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE, useQuery } from '../location.ts';
import { useMay } from '../session.ts';
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
  const list = useStatusList<BulkOperation>(BULKS, 'bulk_operations', BULK_STATUSES, query);
  usePoll(list.rows.some((bulk) => !hasEnded(bulk)) && !list.loading, list.reload, FRESH_MS);
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
      <StatusList
        title="Bulk operations"
        list={list}
        columns={columnsWith(groups.value)}
        statuses={BULK_STATUSES}
        query={query}
        none={
          <div class="empty">
            <h2>
              {query.get('status') === '' ? 'No bulk operations yet' : 'None has this status'}
            </h2>
            <p>
              A bulk operation asks up to 10,000 eUICCs to do the same: so many a minute, a few of
              them first if you like, and it halts by itself when too many fail.
            </p>
          </div>
        }
      />
    </>
  );
}
