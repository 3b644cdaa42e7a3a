import { useState } from 'preact/hooks';
import '../styles/dashboard.css';
import { api } from '../api.ts';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { IotDevicesCard } from '../iot/devices-card.tsx';
import { BASE } from '../location.ts';
import type { Statistics } from '../statistics.ts';
import { STATUSES } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useTitle } from '../use-title.ts';
import { CallbacksCard, DevicesCard, FailuresCard, StockCard } from './dashboard-lists.tsx';
import { EnteredCard, InstallationsCard, StatusesCard } from './dashboard-charts.tsx';

const RANGES = [
  ['24 hours', 'hour', 24],
  ['7 days', 'day', 7],
  ['30 days', 'day', 30],
  ['12 months', 'day', 366],
] as const;

export function DashboardPage() {
  useTitle('Dashboard');
  const [chosen, setChosen] = useState(2);
  const [, interval, count] = RANGES[chosen]!;
  const path = '/v1/Statistics';
  const { value, problem, loading, reload } = useLoad(
    `${path} ${interval} ${count}`,
    (signal) => api.get<Statistics>(path, { Interval: interval, Intervals: String(count) }, signal),
    true,
  );
  useReloadSoon(reload);
  return (
    <>
      <PageHead title="Dashboard">
        <div class="chips" role="group" aria-label="Time shown">
          {RANGES.map(([name], at) => (
            <button
              key={name}
              type="button"
              class="chip chip-plain"
              aria-pressed={at === chosen}
              onClick={() => setChosen(at)}
            >
              {name}
            </button>
          ))}
        </div>
      </PageHead>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined && (
        <div aria-busy={loading}>
          <Figures value={value} range={RANGES[chosen]![0]} />
        </div>
      )}
    </>
  );
}

function Figures({ value, range }: { value: Statistics; range: string }) {
  const isEmpty = STATUSES.every((status) => value.esim_profiles[status] === 0);
  return (
    <>
      {value.date_counted !== null && (
        <p class="lead muted" role="status">
          Events are being counted. These figures are those up to <Time date={value.date_counted} />
          .
        </p>
      )}
      <div class="tiles">
        {STATUSES.map((status) => (
          <a key={status} class="tile" href={`${BASE}/profiles?status=${status}`}>
            <StatusPill status={status} />
            <strong>{value.esim_profiles[status].toLocaleString()}</strong>
          </a>
        ))}
      </div>
      <div class="dashboard">
        {isEmpty ? (
          <div class="empty wide">
            <h2>No orders yet</h2>
            <p>Once profiles are ordered, this page shows what becomes of them.</p>
          </div>
        ) : (
          <>
            <EnteredCard value={value} range={range} />
            <StatusesCard value={value} range={range} />
            <InstallationsCard value={value} range={range} />
          </>
        )}
        <div class="column">
          <StockCard value={value} />
          <CallbacksCard value={value} />
          <IotDevicesCard />
        </div>
        {!isEmpty && (
          <>
            <FailuresCard value={value} range={range} />
            <DevicesCard value={value} range={range} />
          </>
        )}
      </div>
    </>
  );
}
