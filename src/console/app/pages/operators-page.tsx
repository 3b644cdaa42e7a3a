import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { FilterChips } from '../components/filter-chips.tsx';
import { Icon } from '../components/icon.tsx';
import { OfSmdp } from '../components/of-smdp.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageParameters, Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { chosenOf, useQuery } from '../location.ts';
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import { PROGRESS_STATES } from '../types.ts';
import type { Meta, Operator, ProgressReport } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useTitle } from '../use-title.ts';
import { useDue } from './attempts.tsx';
import { Command } from '../components/command.tsx';
import { ReportRows } from './report-rows.tsx';
import { RetryDialog, UNSENT_REPORTS } from './retry-dialog.tsx';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Few accounts have more operators than fit on one page. */
const SIZE = '1000';

/** Those who order over ES2+ from the stock of the account, and what they were told of their profiles. */
export function OperatorsPage() {
  useTitle('Operators');
  return (
    <OfSmdp
      page="Operators"
      rented={{
        title: 'Operators order at the SM-DP+',
        text: 'This server is itself an operator: it orders from an SM-DP+ that it rents, and serves no others.',
      }}
    >
      <OwnOperators />
    </OfSmdp>
  );
}

function OwnOperators() {
  const query = useQuery();
  const mayChange = useMay('full');
  const retrying = useRef<HTMLDialogElement>(null);
  const operators = useLoad('/v1/Operators', (signal) =>
    api.get<{ operators: Operator[]; meta: Meta }>('/v1/Operators', { PageSize: SIZE }, signal),
  );
  const reports = useReports(query);
  const known = operators.value?.operators ?? [];
  const told = reports.value?.progress_reports ?? [];
  return (
    <>
      <PageHead title="Operators">
        {mayChange && known.length > 0 && (
          <button type="button" class="button" onClick={() => retrying.current?.showModal()}>
            <Icon name="again" />
            Send all unsent
          </button>
        )}
      </PageHead>
      <p class="lead muted">
        Operators order profiles from the stock of this account over ES2+, and are told what becomes
        of them.
      </p>
      {operators.problem !== undefined && (
        <Problem problem={operators.problem} retry={operators.reload} />
      )}
      {operators.value === undefined && operators.slow && <TableSkeleton />}
      {operators.value?.operators.length === 0 && <None />}
      {known.length > 0 && (
        <>
          <DataTable title="Operators" columns={COLUMNS} rows={known} busy={false} />
          <h2 class="apart">Progress reports</h2>
          <div class="filters">
            <FilterChips query={query} name="state" label="State" values={PROGRESS_STATES} />
          </div>
        </>
      )}
      {reports.problem !== undefined && (
        <Problem problem={reports.problem} retry={reports.reload} />
      )}
      {known.length > 0 && reports.value?.progress_reports.length === 0 && (
        <p class="muted">
          {query.text === ''
            ? 'Nothing to report yet: a report is made at every step of the download of a profile that an operator has ordered.'
            : 'No report of the last 30 days is in this state.'}
        </p>
      )}
      {told.length > 0 && (
        <section
          class="card callbacks"
          aria-label="Progress reports"
          aria-busy={reports.loading && reports.slow}
        >
          <ReportRows reports={told} operators={known} reload={reports.reload} />
        </section>
      )}
      {reports.value !== undefined && (told.length > 0 || query.get('token') !== '') && (
        <Pager meta={reports.value.meta} query={query} count={told.length} />
      )}
      <RetryDialog dialog={retrying} what={UNSENT_REPORTS} onRetry={reports.reload} />
    </>
  );
}

function useReports(query: Query) {
  const loaded = useLoad(
    `progress reports?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ progress_reports: ProgressReport[]; meta: Meta }>(
        '/v1/ProgressReports',
        {
          State: chosenOf(query, 'state', PROGRESS_STATES),
          ...pageParameters(query),
        },
        signal,
      ),
    true,
  );
  useReloadSoon(loaded.reload);
  useDue(loaded.value?.progress_reports ?? [], loaded.reload);
  return loaded;
}

const COLUMNS: Column<Operator>[] = [
  {
    id: 'name',
    title: 'Name',
    phone: 'start',
    cell: ({ friendly_name: name }) => name || NONE,
  },
  {
    id: 'sid',
    title: 'Operator SID',
    phone: 'below',
    cell: ({ sid }) => <Id text={sid} what="operator SID" />,
  },
  {
    id: 'certificates',
    title: 'Certificates',
    phone: 'below-end',
    cell: ({ certificates }) =>
      certificates.length === 0 ? (
        'none accepted'
      ) : (
        <>
          {certificates.map(({ fingerprint, subject, valid_until: until, refused }) => (
            <div key={fingerprint} title={`${subject}, SHA-256 ${fingerprint}`}>
              <code>{fingerprint.slice(0, 8)}</code> {refused ?? daysLeft(until)}
            </div>
          ))}
        </>
      ),
  },
  {
    id: 'told',
    title: 'Reports to',
    cell: ({ progress_url: url }) => (url === null ? 'nobody' : <code>{url}</code>),
  },
  {
    id: 'state',
    title: 'State',
    phone: 'end',
    cell: ({ date_revoked: date }) => <StatusPill status={date === null ? 'active' : 'revoked'} />,
  },
];

function daysLeft(until: string): string {
  const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS);
  if (days < 1) return 'ends within a day';
  return days === 1 ? '1 day left' : `${days.toLocaleString()} days left`;
}

function None() {
  return (
    <div class="empty">
      <h2>No operators yet</h2>
      <p>
        A mobile operator or a reseller can order profiles from this account&apos;s stock from its
        own systems, by the functions of SGP.22. Register it on the server:
      </p>
      <Command text="npx simwright operator create --name 'Example Mobile'" />
    </div>
  );
}
