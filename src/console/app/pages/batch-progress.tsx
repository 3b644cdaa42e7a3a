import type { Batch } from '../types.ts';

const share = (count: number, of: Batch) => `${(count / of.count) * 100}%`;

/** How much of a batch is done: ordered, refused, and reserved. */
export function BatchBar({ batch, label }: { batch: Batch; label: string }) {
  const { count, ordered, refused, reserved } = batch;
  return (
    <div
      class="bar batch-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={count}
      aria-valuenow={ordered + refused}
      aria-valuetext={progressInWords(batch)}
    >
      <div style={{ width: share(ordered, batch) }} />
      <div class="bar-refused" style={{ width: share(refused, batch) }} />
      {batch.status === 'running' && (
        <div class="bar-reserved" style={{ width: share(reserved, batch) }} />
      )}
    </div>
  );
}

/** "312 of 500 ordered, 2 refused" */
export function progressInWords({ count, ordered, refused }: Batch): string {
  const of = `${ordered.toLocaleString()} of ${count.toLocaleString()} ordered`;
  return refused === 0 ? of : `${of}, ${refused.toLocaleString()} refused`;
}

/** What is going on, or how it ended. */
export function stateInWords(batch: Batch): string {
  const { status, count, ordered, refused, reserved, not_ordered: rest } = batch;
  if (status === 'running') {
    if (batch.all_or_nothing && ordered === 0) {
      const taken = `${reserved.toLocaleString()} of ${count.toLocaleString()}`;
      return `Taking stock for all of them first, ${taken} so far; then they are ordered.`;
    }
    return 'The server is ordering them, in the order of the request. You can leave this page.';
  }
  if (status === 'completed') {
    const done =
      refused === 0
        ? 'Everything is ordered.'
        : 'Done. What was refused is listed below, with the reasons.';
    const failed = batch.esim_profiles?.failed ?? 0;
    if (failed === 0) return done;
    return `${done} Of the orders, ${failed.toLocaleString()} ${failed === 1 ? 'has' : 'have'} failed or ${failed === 1 ? 'was' : 'were'} cancelled.`;
  }
  const left = `${rest.toLocaleString()} ${rest === 1 ? 'was' : 'were'} not ordered`;
  if (status === 'cancelled') return `Cancelled: ${left}. What was ordered before that stays.`;
  return `Nothing was ordered: ${batch.error_message ?? 'the cause is unknown'}`;
}
