// How commands show the events of an order at SM-DSs.
import type { SmdsEventRow } from '../store/schema.ts';
import type { TableColumn } from './table.ts';

export const SMDS_EVENT_COLUMNS: TableColumn<SmdsEventRow>[] = [
  { title: 'SM-DS', value: ({ address }) => address },
  { title: 'EVENT ID', value: ({ event_id }) => event_id },
  { title: 'STATE', value: stateOf, style: (row) => (row.error === null ? undefined : 'red') },
  { title: 'ATTEMPTS', value: ({ attempts }) => attempts },
  { title: 'LAST FAILURE', flexible: true, value: ({ error }) => error },
];

/** In words: what is there, or what is to be done. */
function stateOf({ wanted, next_attempt_at: next, error }: SmdsEventRow): string {
  if (next !== null) return wanted === 1 ? 'to be registered' : 'to be deleted';
  if (wanted === 1) return 'registered';
  return error === null ? 'deleted' : 'given up';
}

export function smdsEventRecord(row: SmdsEventRow) {
  return {
    smds_address: row.address,
    event_id: row.event_id,
    eid: row.eid,
    state: stateOf(row),
    attempts: row.attempts,
    error: row.error,
    next_attempt_at: row.next_attempt_at,
    date_updated: row.date_updated,
  };
}
