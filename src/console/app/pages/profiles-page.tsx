import { announce } from '../announce.tsx';
import { DataTable, TableSkeleton } from '../components/data-table.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Pager, pageSize } from '../components/pager.tsx';
import { useProfileChanges } from '../events.ts';
import { useQuery } from '../location.ts';
import { useFresh } from '../use-fresh.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { ListProblem, NoProfiles } from './no-profiles.tsx';
import { ColumnChoice, remarkOf, useProfileColumns } from './profile-columns.tsx';
import { ProfilesFilters } from './profiles-filters.tsx';
import { loadProfiles, withChange } from './profiles-query.ts';
import { SheetLink } from './sheet-link.tsx';

export function ProfilesPage() {
  useTitle('eSIM Profiles');
  const query = useQuery();
  const [columns, toggleColumn] = useProfileColumns();
  const [isFresh, setFresh] = useFresh();
  const { value, problem, loading, slow, change, reload } = useLoad(
    `profiles?${query.text}&size=${pageSize(query)}`,
    (signal) => loadProfiles(query, signal),
    true,
  );

  useProfileChanges(({ esim_profile: profile, event }) => {
    if (value === undefined) return;
    const next = withChange(value, profile, query);
    if (next === value) return;
    change((page) => withChange(page, profile, query));
    setFresh(profile.sid);
    if (event.previous_status !== profile.status) announce(`A profile is ${profile.status}`);
  }, reload);

  return (
    <>
      <PageHead title="eSIM Profiles">
        <ColumnChoice shown={columns} toggle={toggleColumn} />
        {value !== undefined && value.esim_profiles.length > 0 && <SheetLink query={query} />}
      </PageHead>
      <ProfilesFilters query={query} />
      {problem !== undefined && <ListProblem problem={problem} query={query} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined &&
        (value.esim_profiles.length === 0 ? (
          !loading && <NoProfiles query={query} />
        ) : (
          <DataTable
            title="eSIM Profiles"
            columns={columns}
            rows={value.esim_profiles}
            busy={loading && slow}
            isFresh={({ sid }) => isFresh(sid)}
            remark={remarkOf}
          />
        ))}
      {value !== undefined && (value.esim_profiles.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={value.esim_profiles.length} />
      )}
    </>
  );
}
