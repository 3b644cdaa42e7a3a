import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageParameters, Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import { BASE, useQuery } from '../location.ts';
import { useMay } from '../session.ts';
import type { AuditEntry, Meta } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';

const PATH = '/v1/AuditEntries';

/** Who changed what. */
export function AuditPage() {
  useTitle('Audit log');
  const mayRead = useMay('full');
  return (
    <>
      <PageHead title="Audit log" />
      <p class="lead muted">
        Who changed what: through the API, in this console, on the command line, or over ES2+.
        Entries are only ever added, and sealed in a chain, so that a change of them shows.
      </p>
      {mayRead ? (
        <Entries />
      ) : (
        <p>It takes the auth token, or an API key that may do everything.</p>
      )}
    </>
  );
}

function Entries() {
  const query = useQuery();
  const { value, problem, loading, slow, reload } = useLoad(
    `audit?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ audit_entries: AuditEntry[]; meta: Meta }>(
        PATH,
        {
          ...filterOf(query.get('q').trim()),
          ...pageParameters(query),
        },
        signal,
      ),
    true,
  );
  const entries = value?.audit_entries ?? [];
  return (
    <>
      <div class="filters">
        <SearchBox
          query={query}
          label="Search the audit log"
          placeholder="SID of who or what, user@host, or an operation"
        />
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined && entries.length === 0 && !loading && (
        <div class="empty">
          <h2>{query.text === '' ? 'No entries yet' : 'No entries match'}</h2>
          <p>Search for a whole SID, ICCID or name, or for an operation such as CreateKey.</p>
        </div>
      )}
      {entries.length > 0 && (
        <DataTable title="Audit log" columns={COLUMNS} rows={entries} busy={loading && slow} />
      )}
      {value !== undefined && (entries.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={entries.length} />
      )}
    </>
  );
}

/** What a search is for, by its form. */
function filterOf(text: string): { Actor?: string; Subject?: string; Operation?: string } {
  if (text === '') return {};
  if (/^(AC|SK|OP)[0-9a-f]{32}$/i.test(text) || /^\S+@\S+$/.test(text) || text === 'server') {
    return { Actor: text };
  }
  return /^[A-Z]{2}[0-9a-f]{32}$/i.test(text) || /^\d+$/.test(text)
    ? { Subject: text }
    : { Operation: text };
}

const COLUMNS: Column<AuditEntry>[] = [
  {
    id: 'operation',
    title: 'What',
    phone: 'start',
    cell: ({ operation, outcome, changes }) => (
      <Disclosure
        summary={
          <>
            {operation}
            {outcome === 'denied' && <span class="pill">denied</span>}
            {changes.length > 1 && <span class="muted"> × {changes.length}</span>}
          </>
        }
      >
        {() => changes.map((change) => <Change key={change.subject} change={change} />)}
      </Disclosure>
    ),
  },
  {
    id: 'subject',
    title: 'Of what',
    phone: 'below',
    cell: ({ changes }) =>
      changes.length === 1 ? <Id text={changes[0]!.subject} what="subject" /> : 'several',
  },
  {
    id: 'actor',
    title: 'Who',
    phone: 'below-end',
    cell: ({ actor }) => (
      <span class="row-actions">
        <Id
          text={actor.name}
          what="actor"
          href={`${BASE}/audit?q=${encodeURIComponent(actor.name)}`}
        />
        <span class="muted">{ACTORS[actor.type]}</span>
      </span>
    ),
  },
  { id: 'address', title: 'From', cell: ({ address }) => address ?? NONE },
  {
    id: 'time',
    title: 'When',
    phone: 'end',
    cell: ({ date_created: date }) => <Time date={date} />,
  },
];

const ACTORS: Record<AuditEntry['actor']['type'], string> = {
  account: 'auth token',
  key: 'API key',
  console: 'console',
  operator: 'operator',
  command: 'command line',
  server: '',
};

function Change({ change }: { change: AuditEntry['changes'][number] }) {
  const { subject, request_id: requestId, before, after } = change;
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return (
    <>
      <p>
        <Id text={subject} what="subject" whole />
        {requestId !== null && <Id text={requestId} what="request id" />}
      </p>
      {names.length > 0 && (
        <DetailsList
          rows={names.map((name) => [
            name.replaceAll('_', ' '),
            <>
              {before?.[name] !== undefined && <del>{shown(before[name])}</del>}{' '}
              {after?.[name] !== undefined && shown(after[name])}
            </>,
          ])}
        />
      )}
    </>
  );
}

function shown(value: unknown): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
