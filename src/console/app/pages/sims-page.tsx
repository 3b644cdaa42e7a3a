import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE, useQuery } from '../location.ts';
import type { Query } from '../location.ts';
import { useMayChange } from '../session.ts';
import { parseIccid } from '../../../rsp/iccid.ts';
import { SIM_STATUSES } from '../types.ts';
import type { Meta, Sim } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { SimDialog, useScheduled } from './sim-dialog.tsx';

interface SimPage {
  sims: Sim[];
  meta: Meta;
}

export function SimsPage() {
  useTitle('Sims');
  const query = useQuery();
  const mayChange = useMayChange();
  const [edited, setEdited] = useState<string>();
  const dialog = useRef<HTMLDialogElement>(null);
  const { value, problem, loading, slow, change, reload } = useLoad(
    `sims?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<SimPage>(
        '/v1/Sims',
        {
          Status: query.get('status') || undefined,
          Iccid: query.get('iccid') || undefined,
          PageSize: pageSize(query),
          Page: query.get('page') || undefined,
          PageToken: query.get('token') || undefined,
        },
        signal,
      ),
    true,
  );
  useScheduled(value?.sims ?? [], reload);
  const sim = value?.sims.find(({ sid }) => sid === edited);
  useEffect(() => {
    if (edited !== undefined) dialog.current?.showModal();
  }, [edited]);

  const columns: Column<Sim>[] = [
    { id: 'sid', title: 'Sim', cell: ({ sid }) => <Id text={sid} what="Sim SID" /> },
    { id: 'name', title: 'Unique name', cell: ({ unique_name: name }) => name ?? NONE },
    { id: 'status', title: 'Status', cell: ({ status }) => <StatusPill status={status} /> },
    {
      id: 'iccid',
      title: 'ICCID',
      cell: ({ iccid }) => <Id text={iccid} what="ICCID" whole />,
    },
    { id: 'created', title: 'Created', cell: ({ date_created: date }) => <Time date={date} /> },
    {
      id: 'actions',
      title: 'Actions',
      cell: ({ sid, iccid }) => (
        <span class="row-actions">
          <a href={`${BASE}/profiles?q=${sid}`}>Profile</a>
          {mayChange && (
            <button
              type="button"
              class="button-quiet"
              aria-label={`Edit Sim ${iccid}`}
              onClick={() => setEdited(sid)}
            >
              Edit
            </button>
          )}
        </span>
      ),
    },
  ];

  return (
    <>
      <PageHead title="Sims" />
      <SimFilters query={query} />
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value?.sims.length === 0 && !loading && (
        <div class="empty">
          <h2>No Sim</h2>
          <p>
            {query.text === ''
              ? 'A Sim appears when a profile is reserved: order one.'
              : 'No Sim is like that. Take a filter away.'}
          </p>
          <a class="button" href={query.text === '' ? `${BASE}/order` : `${BASE}/sims`}>
            {query.text === '' ? 'Order a profile' : 'Show all'}
          </a>
        </div>
      )}
      {value !== undefined && value.sims.length > 0 && (
        <DataTable title="Sims" columns={columns} rows={value.sims} busy={loading && slow} />
      )}
      {value !== undefined && (value.sims.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={value.sims.length} />
      )}
      {sim !== undefined && (
        <SimDialog
          sim={sim}
          dialog={dialog}
          onClose={() => setEdited(undefined)}
          onChange={(changed) =>
            change((page) => ({
              ...page,
              sims: page.sims.map((row) => (row.sid === changed.sid ? changed : row)),
            }))
          }
        />
      )}
    </>
  );
}

function SimFilters({ query }: { query: Query }) {
  const [text, setText] = useState(query.get('iccid'));
  const firstPage = { page: '', token: '' };
  return (
    <div class="filters">
      <form
        class="search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          query.change({ iccid: parseIccid(text) ?? text.trim(), ...firstPage });
        }}
      >
        <input
          type="search"
          value={text}
          placeholder="ICCID"
          aria-label="Search by ICCID"
          spellcheck={false}
          autocomplete="off"
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            const iccid = parseIccid(currentTarget.value);
            if (iccid !== undefined) query.change({ iccid, ...firstPage });
            else if (currentTarget.value === '') query.change({ iccid: '', ...firstPage });
          }}
        />
        <span class="search-kind" aria-hidden="true">
          {text === '' && <kbd>/</kbd>}
        </span>
      </form>
      <div class="chips" role="group" aria-label="Status">
        {SIM_STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            class={`chip pill-${status}`}
            aria-pressed={query.get('status') === status}
            onClick={() =>
              query.change({
                status: query.get('status') === status ? '' : status,
                ...firstPage,
              })
            }
          >
            {status}
          </button>
        ))}
      </div>
    </div>
  );
}
