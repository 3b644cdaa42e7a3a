import { useEffect, useRef } from 'preact/hooks';
import { announceOften } from '../announce.tsx';
import { ExportMenu } from '../bulk/export-menu.tsx';
import { ColumnChoice } from '../components/column-choice.tsx';
import { DataTable, TableSkeleton } from '../components/data-table.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Pager, pageSize } from '../components/pager.tsx';
import { useProfileChanges } from '../events.ts';
import { useQuery } from '../location.ts';
import {
  clearSelection,
  isSelected,
  select,
  selection,
  toggle,
  updateSelected,
} from '../selection.ts';
import { useStore } from '../store.ts';
import { useCount } from '../use-count.ts';
import { useFresh } from '../use-fresh.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { ListProblem, NoProfiles } from './no-profiles.tsx';
import { PROFILE_COLUMNS, remarkOf, useProfileColumns } from './profile-columns.tsx';
import { ProfilesFilters } from './profiles-filters.tsx';
import { filterParameters, isShortSearch, loadProfiles, withChange } from './profiles-query.ts';

const NOBODY: ReadonlySet<string> = new Set();

export function ProfilesPage() {
  useTitle('eSIM Profiles');
  const query = useQuery();
  const filter = filterParameters(query);
  const [isFresh, setFresh] = useFresh();
  const { value, problem, loading, slow, change, reload } = useLoad(
    `profiles?${query.text}&size=${pageSize(query)}`,
    (signal) => loadProfiles(query, signal),
    true,
  );

  const rows = value?.esim_profiles ?? [];
  const [columns, toggleColumn] = useProfileColumns(
    rows.some(({ metadata }) => metadata !== undefined),
  );
  const count = useCount('/v1/ESimProfiles/Count', isShortSearch(query) ? undefined : filter);
  const chosen = useStore(selection);
  const filterKey = JSON.stringify(filter);
  useEffect(() => {
    // All that match one filter are not all that match another.
    if (chosen.kind === 'all' && JSON.stringify(chosen.filter) !== filterKey) clearSelection();
  }, [filterKey]);

  const shownBefore = useRef(0);
  useEffect(() => {
    // All of the page have left the list: others follow.
    if (rows.length === 0 && shownBefore.current > 0) reload();
    shownBefore.current = rows.length;
  }, [rows.length]);

  useProfileChanges(({ esim_profile: profile, event }) => {
    updateSelected(profile);
    count.reloadSoon();
    if (value === undefined) return;
    const next = withChange(value, profile, query);
    if (next === value) return;
    change((page) => withChange(page, profile, query));
    setFresh(profile.sid);
    if (event.previous_status !== profile.status) {
      announceOften(`A profile is ${profile.status}`, (many) => `${many} profiles changed`);
    }
  }, reloadAll);
  function reloadAll(): void {
    reload();
    count.reloadSoon();
  }

  return (
    <>
      <PageHead title="eSIM Profiles" count={count.value}>
        <ColumnChoice columns={PROFILE_COLUMNS} shown={columns} toggle={toggleColumn} />
        {value !== undefined && value.esim_profiles.length > 0 && (
          <ExportMenu chosen={{ kind: 'all', filter, but: NOBODY }} />
        )}
      </PageHead>
      <ProfilesFilters query={query} />
      {problem !== undefined && <ListProblem problem={problem} query={query} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined &&
        (value.esim_profiles.length === 0 ? (
          !loading &&
          (value.meta.next_page_url === null ? (
            <NoProfiles query={query} />
          ) : (
            <p class="note">None among those looked through so far. The next page goes on.</p>
          ))
        ) : (
          <DataTable
            title="eSIM Profiles"
            columns={columns}
            rows={value.esim_profiles}
            busy={loading && slow}
            isFresh={({ sid }) => isFresh(sid)}
            remark={remarkOf}
            selection={{
              has: ({ sid }) => isSelected(chosen, sid),
              toggle: ({ sid }, range) => toggle(sid, value.esim_profiles, range),
              toggleAll: (isChosen) => select(value.esim_profiles, isChosen),
              label: ({ iccid, sid }) => `Select ${iccid ?? sid}`,
            }}
          />
        ))}
      {value !== undefined &&
        (rows.length > 0 || query.get('token') !== '' || value.meta.next_page_url !== null) && (
          <Pager meta={value.meta} query={query} count={value.esim_profiles.length} />
        )}
    </>
  );
}
