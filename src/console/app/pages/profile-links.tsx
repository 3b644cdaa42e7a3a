import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { EsimProfile, InstallLink } from '../types.ts';
import type { Records } from '../use-records.ts';

/** The install links of a profile: what they are, which there are, and how to end one. */
export function ProfileLinks({
  profile,
  links,
  path,
  onCreate,
}: {
  profile: EsimProfile;
  links: Records<InstallLink>;
  /** Of the profile, in the API. */
  path: string;
  onCreate: () => void;
}) {
  const mayChange = useMay('orders');
  const { records = [], problem, reload, showMore } = links;
  const canCreate = mayChange && mayHaveLinks(profile);
  if (records.length === 0 && !canCreate) return null;
  return (
    <section class="card" aria-labelledby="links">
      <h2 id="links">
        Install links
        {records.length > 0 && <span class="count">{records.length}</span>}
      </h2>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {records.length === 0 ? (
        <p class="muted">
          A page for the person who gets the profile, with your{' '}
          <a href={`${BASE}/account`}>brand</a>: one tap, QR code, steps by hand. You send the link;
          nobody has to sign in.
        </p>
      ) : (
        <ul class="links">
          {records.map((link) => (
            <Link key={link.sid} link={link} path={path} reload={reload} />
          ))}
        </ul>
      )}
      {(canCreate || showMore !== undefined) && (
        <div class="card-actions">
          {canCreate && (
            <button type="button" class="button" onClick={onCreate}>
              Create an install link
            </button>
          )}
          {showMore !== undefined && (
            <button type="button" class="button-quiet" onClick={showMore}>
              Show more
            </button>
          )}
        </div>
      )}
    </section>
  );
}

/** Before it is available, the console cannot know whether an activation code was ordered; the API says so. */
export function mayHaveLinks({ status, activation_code: code }: EsimProfile): boolean {
  if (status === 'installed' || status === 'failed') return false;
  return code !== null || status === 'new' || status === 'reserving';
}

function Link({ link, path, reload }: { link: InstallLink; path: string; reload: () => void }) {
  const { sid, state } = link;
  const mayChange = useMay('orders');
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  async function revoke(): Promise<void> {
    try {
      await api.delete(`${path}/InstallLinks/${sid}`);
      announce('Link revoked');
      setAsking(false);
    } catch (error) {
      setProblem(toProblem(error));
    }
    reload();
  }
  return (
    <li>
      <span class="link-line">
        <StatusPill status={state} />
        <When link={link} />
        {state === 'active' && mayChange && !asking && (
          <button type="button" class="button-quiet" onClick={() => setAsking(true)}>
            Revoke<span class="visually-hidden"> the link made {link.date_created}</span>
          </button>
        )}
      </span>
      {asking && (
        <span class="link-line">
          <span>Its page is gone at once; a code that was seen there still works.</span>
          <button type="button" class="button button-danger" onClick={() => void revoke()}>
            Revoke it
          </button>
          <button type="button" class="button-quiet" onClick={() => setAsking(false)}>
            Keep it
          </button>
        </span>
      )}
      {problem !== undefined && <Problem problem={problem} />}
    </li>
  );
}

function When({ link }: { link: InstallLink }) {
  const { state, date_created: made, date_expires: expires, date_revoked: revoked } = link;
  return (
    <span class="muted">
      made <Time date={made} />, {ENDS[state]} <Time date={revoked ?? expires} />
    </span>
  );
}

const ENDS = { active: 'ends', expired: 'expired', revoked: 'revoked' } as const;
