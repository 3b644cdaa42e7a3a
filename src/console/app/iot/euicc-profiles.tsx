import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import type { EsimProfile } from '../types.ts';
import type { Begun } from './operation-dialog.tsx';
import type { Euicc, ReportedProfile } from './types.ts';

/** What is on an eUICC, as last reported. */
export function EuiccProfiles({
  euicc: { profiles, date_profiles: date, date_listed: listed, status },
  orders,
  onAsk,
}: {
  euicc: Euicc;
  orders: readonly EsimProfile[];
  /** Undefined: the user may not. */
  onAsk?: (begun: Begun) => void;
}) {
  return (
    <section class="card" aria-labelledby="profiles">
      <div class="card-head">
        <h2 id="profiles">
          Profiles on it
          {profiles !== null && <span class="count">{profiles.length}</span>}
        </h2>
        {date !== null && (
          <span class="muted">
            as of <Time date={date} />
          </span>
        )}
      </div>
      {profiles === null && (
        <p class="muted">
          {status === 'left'
            ? 'It was never reported.'
            : 'Not known yet: it is reported once something was done on the eUICC.'}
        </p>
      )}
      {profiles !== null && listed === null && (
        <p class="muted">It was never listed as a whole: there may be others.</p>
      )}
      {profiles?.length === 0 && <p class="muted">There is no profile on the eUICC.</p>}
      {profiles !== null && profiles.length > 0 && (
        <ul class="links">
          {profiles.map((profile) => (
            <Profile
              key={profile.iccid}
              profile={profile}
              order={orders.find(({ iccid }) => iccid === profile.iccid)}
              onAsk={onAsk}
            />
          ))}
        </ul>
      )}
      {onAsk !== undefined && (
        <button
          type="button"
          class="button apart"
          onClick={() => onAsk({ kind: 'listProfileInfo' })}
        >
          Ask what is on it
        </button>
      )}
    </section>
  );
}

function Profile({
  profile,
  order,
  onAsk,
}: {
  profile: ReportedProfile;
  order: EsimProfile | undefined;
  onAsk: ((begun: Begun) => void) | undefined;
}) {
  const { iccid, state, fallback } = profile;
  const orderSid = profile.esim_profile_sid ?? order?.sid;
  const name = profile.nickname || profile.name || profile.service_provider;
  const asks = [
    state === 'enabled' ? ['Disable', 'disable'] : ['Enable', 'enable'],
    ...(state === 'disabled' ? [['Delete', 'delete']] : []),
    ...(fallback ? [] : [['Fallback', 'setFallbackAttribute']]),
  ] as [string, string][];
  return (
    <li>
      <div class="link-line">
        <Id text={iccid} what="ICCID" whole />
        <span class={`pill ${state === 'enabled' ? 'pill-active' : ''}`}>{state}</span>
        {fallback && <span class="pill pill-available">fallback</span>}
      </div>
      <div class="link-line">
        <span class="muted">
          {name}
          {name && orderSid && ' · '}
          {orderSid && (
            <a href={`${BASE}/profiles/${orderSid}`}>{order?.friendly_name ?? 'its order'}</a>
          )}
        </span>
        {onAsk !== undefined && (
          <span class="link-asks">
            {asks.map(([title, kind]) => (
              <button
                key={kind}
                type="button"
                class="button-quiet"
                aria-label={`${title} ${iccid}`}
                onClick={() => onAsk({ kind, iccid })}
              >
                {title}
              </button>
            ))}
          </span>
        )}
      </div>
    </li>
  );
}
