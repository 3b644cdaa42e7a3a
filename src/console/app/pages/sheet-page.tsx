import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { BASE, useQuery } from '../location.ts';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';
import { loadProfiles } from './profiles-query.ts';

/** The QR codes of a page of profiles, to print and to cut up. */
export function SheetPage() {
  useTitle('QR sheet');
  const query = useQuery();
  const { value, problem, reload } = useLoad(
    `profiles?${query.text}&size=${pageSize(query)}`,
    (signal) => loadProfiles(query, signal),
  );
  const profiles = (value?.esim_profiles ?? []).filter(
    ({ activation_code: code }) => code !== null,
  );
  return (
    <>
      <a class="back" href={`${BASE}/profiles?${query.text}`}>
        <Icon name="back" />
        eSIM Profiles
      </a>
      <PageHead title="QR sheet">
        <button
          type="button"
          class="button button-primary"
          disabled={profiles.length === 0}
          onClick={() => window.print()}
        >
          <Icon name="print" />
          Print
        </button>
      </PageHead>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined && profiles.length === 0 && (
        <div class="empty">
          <h2>No activation code on this page</h2>
          <p>The sheet shows the codes of the profiles that the list shows.</p>
        </div>
      )}
      <ul class="sheet">
        {profiles.map(({ sid, iccid, activation_code: code }) => (
          <li key={sid}>
            <img
              src={`/v1/ESimProfiles/${sid}/QrCode`}
              alt={`QR code of LPA:${code}`}
              width="160"
              height="160"
            />
            <code>{iccid}</code>
            <code class="sheet-code">LPA:{code}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
