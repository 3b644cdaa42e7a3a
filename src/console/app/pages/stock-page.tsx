import { useRef } from 'preact/hooks';
import '../styles/stock.css';
import { FoldedTable } from '../charts/figures-table.tsx';
import { OfSmdp } from '../components/of-smdp.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { useMay } from '../session.ts';
import { forecastText } from '../statistics.ts';
import type { StockOfType } from '../types.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useStock } from '../use-stock.ts';
import { useTitle } from '../use-title.ts';
import { StockImportForm } from './stock-import.tsx';
import { ThresholdDialog } from './threshold-dialog.tsx';

/** Below these, a stock without a threshold is shown as running low. */
const LOW_COUNT = 10;
const LOW_SHARE = 0.1;

export function StockPage() {
  useTitle('Stock');
  return (
    <OfSmdp
      page="Stock"
      rented={{
        title: 'The stock is at the SM-DP+',
        text:
          'This server orders from an SM-DP+ that it rents, which has the subscriptions. Orders take one of their profile ' +
          'type, or the one with their ICCID.',
      }}
    >
      <OwnStock />
    </OfSmdp>
  );
}

function OwnStock() {
  const mayChange = useMay('stock');
  const { value, problem, reload } = useStock();
  useReloadSoon(reload);
  return (
    <>
      <PageHead title="Stock" />
      <p class="lead muted">Subscriptions that new orders can take, by profile type.</p>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value?.profile_types.length === 0 && (
        <div class="empty">
          <h2>The stock is empty</h2>
          <p>
            Orders fail until there are subscriptions
            {mayChange ? ': import some from a file.' : '.'}
          </p>
        </div>
      )}
      <div class="stock">
        {value?.profile_types.map((stock) => (
          <StockCard key={stock.profile_type} stock={stock} reload={reload} />
        ))}
      </div>
      {mayChange && <StockImportForm onImport={reload} />}
    </>
  );
}

function StockCard({ stock, reload }: { stock: StockOfType; reload: () => void }) {
  const { profile_type: type, available, total, threshold, forecast } = stock;
  const mayChange = useMay('stock');
  const dialog = useRef<HTMLDialogElement>(null);
  const isLow =
    threshold === null
      ? available < LOW_COUNT || available < total * LOW_SHARE
      : available < threshold.threshold;
  const used = [
    ['Ordered', stock.ordered],
    ['In use', stock.in_use],
    ['Unusable', stock.unusable],
  ] as const;
  return (
    <section class="card" data-low={isLow} aria-label={`Profile type ${type}`}>
      <h2>
        {type}
        {isLow && (
          <span class="pill pill-failed">{available === 0 ? 'none left' : 'running low'}</span>
        )}
      </h2>
      <p class="stock-count">
        <strong>{available.toLocaleString()}</strong> of {total.toLocaleString()} available
      </p>
      <div class="bar" aria-hidden="true">
        <div style={{ width: `${total === 0 ? 0 : (available / total) * 100}%` }} />
      </div>
      <ul class="stock-states muted">
        {used.map(
          ([name, count]) =>
            count > 0 && (
              <li key={name}>
                {name} {count.toLocaleString()}
              </li>
            ),
        )}
      </ul>
      <p>{forecastText(forecast)}</p>
      <p class="muted">
        {threshold === null
          ? 'No threshold: nobody is told when it runs low.'
          : `Low below ${threshold.threshold.toLocaleString()}; ${
              threshold.callback_url === null
                ? 'nobody is told.'
                : `${threshold.callback_url} is told.`
            }`}
      </p>
      {mayChange && (
        <button
          type="button"
          class="button"
          aria-label={`Threshold of ${type}`}
          onClick={() => dialog.current?.showModal()}
        >
          Threshold…
        </button>
      )}
      <Ranges stock={stock} />
      <ThresholdDialog stock={stock} dialog={dialog} onChange={reload} />
    </section>
  );
}

function Ranges({ stock }: { stock: StockOfType }) {
  const { profile_type: type, iccid_ranges: ranges, more_iccid_ranges: more } = stock;
  if (ranges.length === 0) return null;
  return (
    <>
      <FoldedTable
        title={`ICCIDs in stock of ${type}`}
        columns={['First', 'Last', 'Available']}
        rows={ranges.map(({ first, last, available }) => [first, last, available])}
      />
      {more > 0 && <p class="muted">{more.toLocaleString()} more ranges.</p>}
    </>
  );
}
