import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { DataTable, NONE, TableSkeleton } from '../components/data-table.tsx';
import type { Column } from '../components/data-table.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageParameters, Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { ApiProblem } from '../http.ts';
import { BASE, FIRST_PAGE, useQuery } from '../location.ts';
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import { parseIccid } from '../../../rsp/iccid.ts';
import { SIM_STATUSES } from '../types.ts';
import type { Meta, Sim } from '../types.ts';
import { useCount } from '../use-count.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { SimDialog, useScheduled } from './sim-dialog.tsx';

interface SimPage {
  sims: Sim[];
  meta: Meta;
}

const NOTHING: SimPage = {
  sims: [],
  meta: { next_page_url: null, previous_page_url: null, page: 0, page_size: 1 },
};

async function loadSims(query: Query, signal: AbortSignal): Promise<SimPage> {
  const searched = query.get('q');
  const sid = /^HS[0-9a-f]{32}$/i.exec(searched)?.[0];
  if (sid !== undefined) return loadSim(`HS${sid.slice(2).toLowerCase()}`, signal);
  const parameters = {
    ...simFilter(query),
    ...pageParameters(query),
  };
  return api.get<SimPage>('/v1/Sims', parameters, signal);
}

function simFilter(query: Query) {
  const searched = query.get('q');
  const iccid = parseIccid(searched);
  return {
    Status: query.get('status') || undefined,
    Iccid: iccid,
    UniqueName: iccid === undefined ? searched || undefined : undefined,
  };
}

/** The API cannot filter by SID; fetch the Sim instead. */
async function loadSim(sid: string, signal: AbortSignal): Promise<SimPage> {
  try {
    return { ...NOTHING, sims: [await api.get<Sim>(`/v1/Sims/${sid}`, {}, signal)] };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return NOTHING;
    throw error;
  }
}

export function SimsPage() {
  useTitle('Sims');
  const query = useQuery();
  const mayChange = useMay('orders');
  const [edited, setEdited] = useState<string>();
  const dialog = useRef<HTMLDialogElement>(null);
  const { value, problem, loading, slow, change, reload } = useLoad(
    `sims?${query.text}&size=${pageSize(query)}`,
    (signal) => loadSims(query, signal),
    true,
  );
  const count = useCount('/v1/Sims/Count', simFilter(query));
  useScheduled(value?.sims ?? [], reload);
  const sim = value?.sims.find(({ sid }) => sid === edited);
  useEffect(() => {
    if (edited !== undefined) dialog.current?.showModal();
  }, [edited]);

  const columns: Column<Sim>[] = [
    { id: 'sid', title: 'Sim', cell: ({ sid }) => <Id text={sid} what="Sim SID" /> },
    {
      id: 'name',
      title: 'Unique name',
      phone: 'below',
      cell: ({ unique_name: name }) => name ?? NONE,
    },
    {
      id: 'status',
      title: 'Status',
      phone: 'end',
      cell: ({ status }) => <StatusPill status={status} />,
    },
    {
      id: 'iccid',
      title: 'ICCID',
      phone: 'start',
      cell: ({ iccid }) => <Id text={iccid} what="ICCID" whole />,
    },
    { id: 'created', title: 'Created', cell: ({ date_created: date }) => <Time date={date} /> },
    {
      id: 'actions',
      title: 'Actions',
      phone: 'below-end',
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
      <PageHead title="Sims" count={query.get('q') === '' ? count.value : undefined} />
      <SimFilters query={query} />
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value?.sims.length === 0 && !loading && <NoSims query={query} />}
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

function NoSims({ query }: { query: Query }) {
  const mayChange = useMay('orders');
  const searched = query.get('q');
  const filtered = query.text !== '';
  return (
    <div class="empty">
      <h2>{filtered ? 'No Sims match' : 'No Sims yet'}</h2>
      <p>
        {!filtered
          ? 'A Sim shows up here once a profile is reserved.'
          : searched === ''
            ? 'No Sim has this status.'
            : `No Sim has the ICCID, unique name or SID ‘${searched}’` +
              (query.get('status') === '' ? '.' : ' and this status.')}
      </p>
      {(filtered || mayChange) && (
        <a class="button" href={filtered ? `${BASE}/sims` : `${BASE}/order`}>
          {filtered ? 'Show all' : 'Order a profile'}
        </a>
      )}
    </div>
  );
}

function SimFilters({ query }: { query: Query }) {
  return (
    <div class="filters">
      <SearchBox
        query={query}
        placeholder="ICCID, unique name or SID"
        label="Search by ICCID, unique name or SID"
      />
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
                ...FIRST_PAGE,
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
