import { api } from '../api.ts';
import { PageHead } from '../components/page-head.tsx';
import { Problem } from '../components/problem.tsx';
import { useMayChange } from '../session.ts';
import type { Stock, StockOfType } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useTitle } from '../use-title.ts';
import { StockImportForm } from './stock-import.tsx';

/** Below these, the stock is shown as running low. */
const LOW_COUNT = 10;
const LOW_SHARE = 0.1;

export function StockPage() {
  useTitle('Stock');
  const mayChange = useMayChange();
  const { value, problem, reload } = useLoad('/v1/Stock', (signal) =>
    api.get<Stock>('/v1/Stock', {}, signal),
  );
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
          <StockCard key={stock.profile_type} stock={stock} />
        ))}
      </div>
      {mayChange && <StockImportForm onImport={reload} />}
    </>
  );
}

function StockCard({ stock }: { stock: StockOfType }) {
  const { profile_type: type, available, total } = stock;
  const isLow = available < LOW_COUNT || available < total * LOW_SHARE;
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
    </section>
  );
}
