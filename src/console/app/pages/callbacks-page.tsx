import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { TableSkeleton } from '../components/data-table.tsx';
import { FilterChips } from '../components/filter-chips.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { pageParameters, Pager, pageSize } from '../components/pager.tsx';
import { Problem } from '../components/problem.tsx';
import { BASE, chosenOf, useQuery } from '../location.ts';
import { useMay } from '../session.ts';
import { CALLBACK_STATES } from '../types.ts';
import type { Callback, Meta } from '../types.ts';
import { useCount } from '../use-count.ts';
import { useLoad } from '../use-load.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { useTitle } from '../use-title.ts';
import { useDue } from './attempts.tsx';
import { CallbackRows } from './callback-rows.tsx';
import { RehearsalDialog } from './rehearsal-dialog.tsx';
import { FAILED_CALLBACKS, RetryDialog } from './retry-dialog.tsx';
import { TestDialog } from './test-dialog.tsx';

/** The callbacks about the account's profiles and Sims, and their delivery. */
export function CallbacksPage() {
  useTitle('Callbacks');
  const query = useQuery();
  const mayChange = useMay('orders');
  const retrying = useRef<HTMLDialogElement>(null);
  const testing = useRef<HTMLDialogElement>(null);
  const rehearsing = useRef<HTMLDialogElement>(null);
  const State = chosenOf(query, 'state', CALLBACK_STATES);
  const { value, problem, loading, slow, reload } = useLoad(
    `callbacks?${query.text}&size=${pageSize(query)}`,
    (signal) =>
      api.get<{ callbacks: Callback[]; meta: Meta }>(
        '/v1/Callbacks',
        {
          State,
          ...pageParameters(query),
        },
        signal,
      ),
    true,
  );
  const count = useCount('/v1/Callbacks/Count', { State });
  function reloadAll(): void {
    reload();
    count.reloadSoon();
  }
  useReloadSoon(reloadAll);
  useDue(value?.callbacks ?? [], reloadAll);
  return (
    <>
      <PageHead title="Callbacks" count={count.value}>
        {mayChange && (
          <>
            <button type="button" class="button" onClick={() => testing.current?.showModal()}>
              Test a receiver
            </button>
            <button type="button" class="button" onClick={() => rehearsing.current?.showModal()}>
              Rehearse
            </button>
            <button type="button" class="button" onClick={() => retrying.current?.showModal()}>
              <Icon name="again" />
              Retry all failed
            </button>
          </>
        )}
      </PageHead>
      <div class="filters">
        <FilterChips query={query} name="state" label="State" values={CALLBACK_STATES} />
      </div>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && slow && <TableSkeleton />}
      {value?.callbacks.length === 0 && !loading && <None filtered={query.text !== ''} />}
      {value !== undefined && value.callbacks.length > 0 && (
        <section class="card callbacks" aria-label="Callbacks" aria-busy={loading && slow}>
          <CallbackRows callbacks={value.callbacks} reload={reload} whose />
        </section>
      )}
      {value !== undefined && (value.callbacks.length > 0 || query.get('token') !== '') && (
        <Pager meta={value.meta} query={query} count={value.callbacks.length} />
      )}
      <RetryDialog dialog={retrying} what={FAILED_CALLBACKS} onRetry={reload} />
      {mayChange && <TestDialog dialog={testing} />}
      {mayChange && <RehearsalDialog dialog={rehearsing} />}
    </>
  );
}

function None({ filtered }: { filtered: boolean }) {
  return (
    <div class="empty">
      <h2>{filtered ? 'No callbacks match' : 'No callbacks yet'}</h2>
      <p>
        {filtered
          ? 'No callback from the last 30 days is in this state.'
          : 'When an order has a callback URL, it is called whenever the status changes.'}
      </p>
      {filtered && (
        <a class="button" href={`${BASE}/callbacks`}>
          Show all
        </a>
      )}
    </div>
  );
}
