import { Command } from '../components/command.tsx';
import { Problem } from '../components/problem.tsx';
import type { ApiProblem } from '../http.ts';
import { BASE, FIRST_PAGE } from '../location.ts';
import type { Query } from '../location.ts';
import { useMay } from '../session.ts';
import { isFiltered, isShortSearch } from './profiles-query.ts';

/** Why the list could not be loaded. */
export function ListProblem({
  problem,
  query,
  retry,
}: {
  problem: ApiProblem;
  query: Query;
  retry: () => void;
}) {
  if (problem.status === 400 && problem.reason.startsWith('more than')) {
    const searched = query.get('q');
    return (
      <div class="empty">
        <h2>Too many profiles match</h2>
        <p>
          More than 1,000 profiles match ‘{searched}’. Type more of it, or the last digits of an
          ICCID or EID. By name, there may be any number.
        </p>
        <button
          type="button"
          class="button"
          onClick={() => query.change({ q: '', name: searched, ...FIRST_PAGE })}
        >
          Show all whose name begins with it
        </button>
      </div>
    );
  }
  // The address bar has a page token that the server does not accept.
  if (problem.status === 400 && query.get('token') !== '') {
    return (
      <div class="empty">
        <h2>This page does not exist</h2>
        <a class="button" href={`${BASE}/profiles`}>
          Show the first page
        </a>
      </div>
    );
  }
  return <Problem problem={problem} retry={retry} />;
}

/** Why the list is empty. */
export function NoProfiles({ query }: { query: Query }) {
  const mayChange = useMay('orders');
  if (isShortSearch(query)) {
    return (
      <div class="empty">
        <h2>Keep typing</h2>
        <p>
          A search takes at least four characters of a name or an identifier, or an activation code.
        </p>
      </div>
    );
  }
  if (isFiltered(query) || query.get('token') !== '') {
    const searched = query.get('q');
    return (
      <div class="empty">
        <h2>No profiles match</h2>
        <p>
          {searched === ''
            ? 'No profile matches these filters.'
            : `No name, SID, ICCID, EID or matching ID starts with ‘${searched}’, and no ICCID or EID ends with it` +
              (isFiltered(query, ['q']) ? ', within the other filters.' : '.')}
        </p>
        <a class="button" href={`${BASE}/profiles`}>
          Show all
        </a>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>No profiles yet</h2>
      {mayChange ? (
        <>
          <p>Order the first one here, or through the API:</p>
          <Command
            text={`curl -u $ACCOUNT_SID:$AUTH_TOKEN ${location.origin}/v1/ESimProfiles -d GenerateMatchingId=true`}
          />
          <a class="button button-primary" href={`${BASE}/order`}>
            Order a profile
          </a>
        </>
      ) : (
        <p>
          This API key can’t place orders. Profiles show up here once somebody has ordered them.
        </p>
      )}
    </div>
  );
}
