import { announce } from '../announce.tsx';
import { withQuery } from '../api.ts';
import { Command } from '../components/command.tsx';
import { DataTable, TableSkeleton } from '../components/data-table.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { useProfileChanges } from '../events.ts';
import { BASE, useQuery } from '../location.ts';
import type { EsimProfile } from '../types.ts';
import { useFresh } from '../use-fresh.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { ColumnChoice, useProfileColumns } from './profile-columns.tsx';
import { ProfilesFilters } from './profiles-filters.tsx';
import { isFiltered, loadProfiles, withChange } from './profiles-query.ts';

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
        <SheetLink profiles={value?.esim_profiles ?? []} />
      </PageHead>
      <ProfilesFilters query={query} />
      {problem?.status === 400 && query.get('token') !== '' ? (
        <NoSuchPage />
      ) : (
        problem !== undefined && <Problem problem={problem} retry={reload} />
      )}
      {value === undefined && slow && <TableSkeleton />}
      {value !== undefined &&
        (value.esim_profiles.length === 0 ? (
          !loading && <NoProfiles filtered={isFiltered(query) || query.get('token') !== ''} />
        ) : (
          <DataTable
            title="eSIM Profiles"
            columns={columns}
            rows={value.esim_profiles}
            busy={loading && slow}
            isFresh={({ sid }) => isFresh(sid)}
          />
        ))}
      {value !== undefined && (value.esim_profiles.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={value.esim_profiles.length} />
      )}
    </>
  );
}

/** So many SIDs make a URL that every server takes. */
const SHEET_LIMIT = 200;

/** The labels of the profiles that are shown, to print. */
function SheetLink({ profiles }: { profiles: readonly EsimProfile[] }) {
  const sids = profiles
    .filter(({ activation_code: code }) => code !== null)
    .slice(0, SHEET_LIMIT)
    .map(({ sid }) => sid);
  if (sids.length === 0) return null;
  return (
    <a
      class="button"
      href={withQuery('/v1/ESimProfiles/QrSheet', { Sid: sids.join(',') })}
      target="_blank"
      rel="noopener"
      title={`A page of ${sids.length} QR codes to print`}
    >
      <Icon name="print" />
      QR sheet
    </a>
  );
}

/** The address bar holds the place of a page that the server does not know. */
function NoSuchPage() {
  return (
    <div class="empty">
      <h2>The list has no such page</h2>
      <a class="button" href={`${BASE}/profiles`}>
        Show the first page
      </a>
    </div>
  );
}

function NoProfiles({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <div class="empty">
        <h2>No profile is like that</h2>
        <p>Take a filter away, or search for a whole identifier: a part of one finds nothing.</p>
        <a class="button" href={`${BASE}/profiles`}>
          Show all
        </a>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>No profile yet</h2>
      <p>Order the first one here, or through the API:</p>
      <Command
        text={`curl -u $ACCOUNT_SID:$AUTH_TOKEN ${location.origin}/v1/ESimProfiles -d GenerateMatchingId=true`}
      />
      <a class="button button-primary" href={`${BASE}/order`}>
        Order a profile
      </a>
    </div>
  );
}
