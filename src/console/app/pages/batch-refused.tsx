import { useEffect } from 'preact/hooks';
import { withQuery } from '../api.ts';
import { FileProblems } from '../components/file-problems.tsx';
import { RecordsCard } from '../components/records.tsx';
import type { Batch, BatchItem } from '../types.ts';
import { useRecords } from '../use-records.ts';
import { BATCHES } from './batch-order.ts';
import '../styles/profile.css';

/** The items without an order, and why. */
export function BatchRefused({ batch: { sid, refused } }: { batch: Batch }) {
  const list = useRecords<BatchItem>(`${BATCHES}/${sid}/Items`, 'items', { State: 'refused' });
  useEffect(() => list.reload(), [refused]);
  return (
    <RecordsCard
      title="Refused"
      list={list}
      empty="None."
      action={
        <a
          class="button"
          href={withQuery(`${BATCHES}/${sid}/Result`, { State: 'refused' })}
          download
        >
          Save as CSV
        </a>
      }
    >
      {(items) => (
        <>
          <p class="muted">
            Nothing was ordered for these. Items are counted from 1, in the order of the request.
            Mend them, and order them in another batch.
          </p>
          <FileProblems
            number="Item"
            problems={items.map(({ item, error }) => ({ line: item, message: error ?? '' }))}
          />
        </>
      )}
    </RecordsCard>
  );
}
