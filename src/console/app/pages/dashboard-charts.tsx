import { Chart } from '../charts/chart.tsx';
import { FoldedTable } from '../charts/figures-table.tsx';
import { duration, share } from '../statistics.ts';
import type { Interval, Statistics } from '../statistics.ts';
import { STATUSES } from '../types.ts';
import type { Status } from '../types.ts';

export interface CardProps {
  value: Statistics;
  /** What is shown, in words. */
  range: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Hours and days in UTC, as they are counted. */
function labelOf({ date_start: date }: Interval, interval: Statistics['interval']) {
  const [day, time] = date.split('T') as [string, string];
  const month = MONTHS[Number(day.slice(5, 7)) - 1];
  const short = interval === 'hour' ? time.slice(0, 5) : `${Number(day.slice(8))} ${month}`;
  return { short, long: interval === 'hour' ? `${day} ${time.slice(0, 5)} UTC` : `${day} (UTC)` };
}

function OverTime({
  value,
  title,
  statuses,
  kind,
  of,
}: {
  value: Statistics;
  title: string;
  statuses: readonly Status[];
  kind: 'columns' | 'lines';
  of: 'entered' | 'esim_profiles';
}) {
  const labels = value.intervals.map((one) => labelOf(one, value.interval));
  return (
    <>
      <Chart
        kind={kind}
        title={title}
        labels={labels}
        series={statuses.map((status) => ({
          name: status,
          tone: status,
          values: value.intervals.map((one) => one[of][status]),
        }))}
      />
      <FoldedTable
        title={title}
        columns={[value.interval === 'hour' ? 'Hour' : 'Day', ...statuses]}
        rows={value.intervals.map((one, at) => [
          labels[at]!.long,
          ...statuses.map((status) => one[of][status]),
        ])}
      />
    </>
  );
}

/** What happens most, and how it ends. */
const SHOWN_STEPS = ['available', 'installed', 'failed'] as const;

export function EnteredCard({ value, range }: CardProps) {
  const title = `Became available, were installed, or failed, per ${value.interval}`;
  return (
    <section class="card wide" aria-label="What happened">
      <h2>What happened, {range}</h2>
      <p class="muted">
        How many became available, were installed, or failed, per {value.interval} (UTC).
      </p>
      <OverTime value={value} title={title} statuses={SHOWN_STEPS} kind="lines" of="entered" />
    </section>
  );
}

export function StatusesCard({ value, range }: CardProps) {
  return (
    <section class="card wide" aria-label="Orders by status">
      <h2>Orders by status, {range}</h2>
      <p class="muted">How many were in each status at the end of each {value.interval} (UTC).</p>
      <OverTime
        value={value}
        title={`Orders by status at the end of each ${value.interval}`}
        statuses={STATUSES}
        kind="columns"
        of="esim_profiles"
      />
    </section>
  );
}

export function InstallationsCard({ value, range }: CardProps) {
  const { available, installed, failed, seconds, durations } = value.installations;
  const longest = durations.findLastIndex(({ count }) => count > 0);
  const shown = durations.slice(0, longest + 1);
  const title = 'Time from available to installed';
  return (
    <section class="card" aria-label="From available to installed">
      <h2>From available to installed, {range}</h2>
      {available === 0 ? (
        <p class="muted">No order became available in this time.</p>
      ) : (
        <p>
          Of {available.toLocaleString()} that became available, {installed.toLocaleString()} (
          {share(installed, available)}) are installed by now, and {failed.toLocaleString()} have
          failed or were cancelled.
        </p>
      )}
      {installed > 0 && (
        <>
          <dl class="told">
            {(
              [
                ['Half within', seconds.median],
                ['90 % within', seconds.p90],
                ['99 % within', seconds.p99],
              ] as const
            ).map(([name, bound]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{bound === null ? '> 30 days' : duration(bound)}</dd>
              </div>
            ))}
          </dl>
          <Chart
            kind="columns"
            title={title}
            labels={shown.map(({ up_to_seconds: bound }) => ({
              short: bound === null ? 'more' : brief(bound),
              long: nameOf(bound),
            }))}
            series={[
              { name: 'installed', tone: 'installed', values: shown.map(({ count }) => count) },
            ]}
          />
          <FoldedTable
            title={title}
            columns={['Time', 'Installed']}
            rows={shown.map(({ up_to_seconds: bound, count }) => [nameOf(bound), count])}
          />
        </>
      )}
    </section>
  );
}

function brief(seconds: number): string {
  const [count, unit = ''] = duration(seconds).split(' ');
  return `${count} ${unit.startsWith('m') ? 'min' : unit.slice(0, 1)}`;
}

const nameOf = (bound: number | null) =>
  bound === null ? 'more than 30 days' : `up to ${duration(bound)}`;
