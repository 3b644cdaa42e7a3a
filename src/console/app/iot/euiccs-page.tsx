import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../api.ts';
import { ColumnChoice, useColumns } from '../components/column-choice.tsx';
import { DataTable, TableSkeleton } from '../components/data-table.tsx';
import { FilterChips } from '../components/filter-chips.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageParameters, Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { useNow } from '../components/time.tsx';
import { BASE, FIRST_PAGE, useQuery } from '../location.ts';
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import type { Meta } from '../types.ts';
import { useAccount } from '../use-account.ts';
import { useCount } from '../use-count.ts';
import { useLoad } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useTitle } from '../use-title.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { euiccColumns, SHOWN_EUICC_COLUMNS } from './euicc-columns.tsx';
import { euiccFilter, isFiltered, SEEN, UNFILTERED } from './euiccs-query.ts';
import { NoEim, NoEuiccs } from './no-euiccs.tsx';
import { euiccPage, EUICCS } from './paths.ts';
import { FleetTabs } from './fleet-tabs.tsx';
import { RegisterManyDialog } from './register-many-dialog.tsx';
import { RegisterDialog } from './register-dialog.tsx';
import { EUICC_STATES } from './types.ts';
import type { Euicc, EuiccGroup } from './types.ts';
import { useGroups } from './use-groups.ts';
import './iot.css';

/** Events tell all but when devices have polled. */
const SEEN_MS = 15_000;

/** The eUICCs that the eIM manages. */
export function EuiccsPage() {
  useTitle('IoT devices');
  const query = useQuery();
  const { route } = useLocation();
  const mayChange = useMay('orders');
  const account = useAccount();
  const [registering, setRegistering] = useState<'one' | 'many'>();
  const filter = euiccFilter(query, useNow());
  const { value, problem, loading, slow, reload } = useLoad(
    `euiccs?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ euiccs: Euicc[]; meta: Meta }>(
        EUICCS,
        {
          ...filter,
          ...pageParameters(query),
        },
        signal,
      ),
    true,
  );
  const count = useCount(`${EUICCS}/Count`, filter);
  const groups = useGroups();
  const all = euiccColumns(groups.value);
  const [columns, toggleColumn] = useColumns(all, 'euicc-columns', SHOWN_EUICC_COLUMNS);
  function reloadAll(): void {
    reload();
    count.reloadSoon();
  }
  useEuiccChanges(() => true, reloadAll);
  usePoll(!loading, reloadAll, SEEN_MS);
  const rows = value?.euiccs ?? [];
  const isOff = account.value?.eim_id === null;
  const isEmpty = value !== undefined && rows.length === 0 && !loading;
  const canRegister = mayChange && account.value !== undefined && !isOff;
  const register = () => setRegistering('one');
  const asked = new URLSearchParams(
    ['group', 'status', 'seen']
      .map((name): [string, string] => [name, query.get(name)])
      .filter(([, chosen]) => chosen !== ''),
  ).toString();
  return (
    <>
      <PageHead title="IoT devices" count={count.value}>
        <ColumnChoice columns={all} shown={columns} toggle={toggleColumn} />
        {canRegister && (
          <>
            {rows.length > 0 && (
              <a class="button" href={`${BASE}/euiccs/bulk/new${asked && `?${asked}`}`}>
                <Icon name="batch" />
                Ask many
              </a>
            )}
            <button type="button" class="button" onClick={() => setRegistering('many')}>
              Register many
            </button>
            <button type="button" class="button" onClick={register}>
              <Icon name="plus" />
              Register an eUICC
            </button>
          </>
        )}
      </PageHead>
      <FleetTabs here="list" />
      {(rows.length > 0 || isFiltered(query)) && (
        <Filters query={query} groups={groups.value ?? []} />
      )}
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {isOff && <NoEim isShort={rows.length > 0} />}
      {isEmpty &&
        !(isOff && !isFiltered(query)) &&
        (value.meta.next_page_url === null ? (
          <NoEuiccs query={query} {...(canRegister ? { register } : {})} />
        ) : (
          <p class="note">None among those looked through so far. The next page goes on.</p>
        ))}
      {rows.length > 0 && (
        <DataTable title="IoT devices" columns={columns} rows={rows} busy={loading && slow} />
      )}
      {value !== undefined &&
        (rows.length > 0 || query.get('token') !== '' || value.meta.next_page_url !== null) && (
          <Pager meta={value.meta} query={query} count={rows.length} />
        )}
      {registering === 'many' && (
        <RegisterManyDialog
          onDone={() => {
            reload();
            groups.reload();
            count.reloadSoon();
          }}
          onClose={() => setRegistering(undefined)}
        />
      )}
      {registering === 'one' && (
        <RegisterDialog
          onDone={(euicc) => route(euiccPage(euicc.sid))}
          onClose={() => setRegistering(undefined)}
        />
      )}
    </>
  );
}

function Filters({ query, groups }: { query: Query; groups: readonly EuiccGroup[] }) {
  return (
    <div class="filters">
      <SearchBox query={query} placeholder="EID, name or SID" label="Search by EID, name or SID" />
      <FilterChips query={query} name="status" label="Status" values={EUICC_STATES} />
      {groups.length > 0 && (
        <select
          aria-label="Group"
          value={query.get('group')}
          onChange={({ currentTarget }) =>
            query.change({ group: currentTarget.value, ...FIRST_PAGE })
          }
        >
          <option value="">Any group</option>
          {groups.map(({ sid, name }) => (
            <option key={sid} value={sid}>
              {name}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="Last seen"
        value={query.get('seen')}
        onChange={({ currentTarget }) => query.change({ seen: currentTarget.value, ...FIRST_PAGE })}
      >
        <option value="">Seen at any time</option>
        {SEEN.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      {isFiltered(query) && (
        <button type="button" class="button-quiet" onClick={() => query.change(UNFILTERED)}>
          Clear
        </button>
      )}
    </div>
  );
}
