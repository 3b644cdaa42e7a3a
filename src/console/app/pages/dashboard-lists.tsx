import { FiguresTable } from '../charts/figures-table.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { useAccount } from '../use-account.ts';
import { forecastText, share } from '../statistics.ts';
import type { Outcomes, Statistics } from '../statistics.ts';
import type { CardProps } from './dashboard-charts.tsx';

const STAGES = { reservation: 'before', download: 'download', ended: 'ended' } as const;

export function FailuresCard({ value, range }: CardProps) {
  const { reservation, download, ended, reasons, others } = value.failures;
  const all = reservation + download + ended;
  const rows = reasons.map(({ error_code: code, error, stage, count }) => [
    code,
    error ?? 'not known to this server',
    STAGES[stage],
    count,
    share(count, all),
  ]);
  return (
    <section class="card wide" aria-label="Why orders failed">
      <h2>Why orders failed, {range}</h2>
      {all === 0 ? (
        <p class="muted">None failed in this time.</p>
      ) : (
        <>
          <p>
            {download.toLocaleString()} failed since they were available, and{' '}
            {reservation.toLocaleString()} before.
            {ended > 0 && ` ${ended.toLocaleString()} were cancelled or have expired.`}
          </p>
          <FiguresTable
            title="Why orders failed"
            columns={['Code', 'Reason', 'When', 'Orders', 'Share']}
            rows={
              others === 0
                ? rows
                : [...rows, ['other', 'all other reasons', '', others, share(others, all)]]
            }
          />
        </>
      )}
    </section>
  );
}

export function DevicesCard({ value, range }: CardProps) {
  const { devices, euicc_makers: makers } = value;
  const columns = ['Installed', 'Failed', 'Share failed', 'Failed mostly by'];
  return (
    <section class="card wide" aria-label="Downloads by device">
      <h2>Downloads by device, {range}</h2>
      {devices.length === 0 ? (
        <p class="muted">No download ended in this time.</p>
      ) : (
        <>
          <p class="muted">
            A TAC, the first eight digits of an IMEI, stands for a model. It is what the device
            said; nothing proves it.
          </p>
          <FiguresTable
            title="Downloads by model of the device"
            columns={['TAC', ...columns]}
            rows={devices.map((device) => outcomeRow(device.tac ?? 'unknown', device))}
          />
          <p class="muted">The first eight digits of an EID stand for the maker of the eUICC.</p>
          <FiguresTable
            title="Downloads by maker of the eUICC"
            columns={['EID begins with', ...columns]}
            rows={makers.map((maker) => outcomeRow(maker.eid_prefix ?? 'unknown', maker))}
          />
        </>
      )}
    </section>
  );
}

function outcomeRow(name: string, { installed, failed, reasons: [first] }: Outcomes) {
  return [
    name,
    installed,
    failed,
    share(failed, installed + failed),
    first === undefined ? '' : (first.error ?? first.error_code),
  ];
}

export function CallbacksCard({ value }: { value: Statistics }) {
  const { pending, failed, more, oldest_pending: oldest } = value.callbacks;
  const count = (found: number) => `${found.toLocaleString()}${more && found >= 10_000 ? '+' : ''}`;
  return (
    <section class="card" aria-label="Callbacks">
      <h2>Callbacks, now</h2>
      <dl class="told">
        <div>
          <dt>To be sent</dt>
          <dd>
            <a href={`${BASE}/callbacks?state=pending`}>{count(pending)}</a>
          </dd>
        </div>
        <div>
          <dt>Given up</dt>
          <dd>
            <a href={`${BASE}/callbacks?state=failed`}>{count(failed)}</a>
          </dd>
        </div>
        {oldest !== null && (
          <div>
            <dt>The oldest is from</dt>
            <dd>
              <Time date={oldest} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

export function StockCard({ value: { stock } }: { value: Statistics }) {
  const isRented = useAccount().value?.smdp_plus === 'rented';
  if (isRented) return null;
  return (
    <section class="card" aria-label="Stock">
      <h2>Stock, now</h2>
      {stock.length === 0 ? (
        <p class="muted">
          The stock is empty; orders fail. <a href={`${BASE}/stock`}>Import subscriptions</a>
        </p>
      ) : (
        <FiguresTable
          title="Stock"
          columns={['Profile type', 'Available', 'Forecast']}
          rows={stock.map(({ profile_type: type, available, forecast }) => [
            type,
            available,
            forecastText(forecast),
          ])}
        />
      )}
    </section>
  );
}
