import { api } from '../api.ts';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { ProfileLink } from '../pages/profile-next.tsx';
import { useMay } from '../session.ts';
import type { EsimProfile } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import type { Euicc } from './types.ts';

/** More than fit on an eUICC. */
const MOST = '100';
const SHOWN = 5;

/** The orders for an EID, newest first. */
export function useOrders(eid: string | undefined): readonly EsimProfile[] {
  const path = '/v1/ESimProfiles';
  const { value, reload } = useLoad(eid && `${path} ${eid}`, (signal) =>
    api.get<{ esim_profiles: EsimProfile[] }>(path, { Eid: eid, PageSize: MOST }, signal),
  );
  useReloadSoon(reload);
  return value?.esim_profiles ?? [];
}

export function EuiccOrders({
  euicc: { eid, status },
  orders,
}: {
  euicc: Euicc;
  orders: readonly EsimProfile[];
}) {
  const mayChange = useMay('orders');
  return (
    <section class="card" aria-labelledby="orders">
      <div class="card-head">
        <h2 id="orders">Orders for it</h2>
        {orders.length > SHOWN && <a href={`${BASE}/profiles?q=${eid}`}>Show all</a>}
      </div>
      {orders.length === 0 && (
        <p class="muted">
          None. An order for this EID is downloaded, installed and enabled by itself.
        </p>
      )}
      <ul class="orders">
        {orders.slice(0, SHOWN).map(({ sid, status: state, friendly_name: name, date_created }) => (
          <li key={sid}>
            {name === undefined ? (
              <ProfileLink sid={sid} />
            ) : (
              <a href={`${BASE}/profiles/${sid}`}>{name}</a>
            )}
            <StatusPill status={state} />
            <span class="muted">
              <Time date={date_created} />
            </span>
          </li>
        ))}
      </ul>
      {mayChange && status !== 'left' && (
        <a class="button apart" href={`${BASE}/order?eid=${eid}`}>
          Order a profile for it
        </a>
      )}
    </section>
  );
}
