import { useEffect, useState } from 'preact/hooks';
import { withQuery } from '../api.ts';
import { RecordsCard } from '../components/records.tsx';
import { StatusPill } from '../components/status.tsx';
import { useRecords } from '../use-records.ts';
import { errorInWords } from './error-in-words.ts';
import { euiccPage, operationPage } from './paths.ts';
import { BULK_ITEM_STATES } from './types.ts';
import type { BulkItem, BulkItemState, BulkOperation } from './types.ts';

const FAILED: readonly BulkItemState[] = ['failed', 'refused'];

/** What became of each eUICC; those that have failed first. */
export function BulkItems({ bulk, path }: { bulk: BulkOperation; path: string }) {
  const [states, setStates] = useState(FAILED);
  const filter = { State: states };
  const list = useRecords<BulkItem>(`${path}/Items`, 'items', filter);
  const counts = JSON.stringify(bulk.counts);
  useEffect(() => list.reload(), [counts]);
  const isFailed = states === FAILED;
  return (
    <RecordsCard
      title={isFailed ? 'What failed' : 'eUICCs'}
      list={list}
      empty={isFailed ? 'Nothing has failed.' : 'None is in this state.'}
      action={
        <>
          <select
            aria-label="Which eUICCs"
            value={isFailed ? '' : states[0]}
            onChange={({ currentTarget: { value } }) =>
              setStates(value === '' ? FAILED : [value as BulkItemState])
            }
          >
            <option value="">Those that failed</option>
            {BULK_ITEM_STATES.map((state) => (
              <option key={state} value={state}>
                {state}
              </option>
            ))}
          </select>
          {isFailed && (
            <a class="button" href={withQuery(`${path}/Result`, { State: FAILED })} download>
              Save as CSV
            </a>
          )}
        </>
      }
    >
      {(items) => (
        <ul class="links">
          {items.map((item) => (
            <Item key={item.item} of={item} />
          ))}
        </ul>
      )}
    </RecordsCard>
  );
}

function Item({ of: item }: { of: BulkItem }) {
  const { euicc_sid: euicc, operation_sid: operation, eid, state, error_message: message } = item;
  return (
    <li>
      <div class="link-line">
        {euicc === null && eid === null ? (
          <span>Item {item.item}</span>
        ) : (
          <a class="timeline-link" href={euiccPage(euicc ?? eid!)}>
            <code>{eid}</code>
          </a>
        )}
        <StatusPill status={state} />
        {euicc !== null && operation !== null && (
          <a class="timeline-link link-asks" href={operationPage(euicc, operation)}>
            Operation
          </a>
        )}
      </div>
      {state === 'failed' && <p class="detail">{errorInWords(item.error_code).what}</p>}
      {message !== null && <p class="muted detail">{message}</p>}
    </li>
  );
}
