import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { useLoad } from '../use-load.ts';
import type { Loaded } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useRecords } from '../use-records.ts';
import type { Records } from '../use-records.ts';
import { useEuiccChanges } from './euicc-events.ts';
import { operationInWords } from './kinds.ts';
import { euiccPath, operationsPath } from './paths.ts';
import { isUnderWay } from './types.ts';
import type { Euicc, EuiccOperation } from './types.ts';

/** Events tell all but when the device has polled. */
const SEEN_MS = 15_000;

export interface LiveEuicc {
  euicc: Loaded<Euicc>;
  operations: Records<EuiccOperation>;
  reload: () => void;
}

/** An eUICC and its operations, as its device polls. */
export function useEuicc(sid: string): LiveEuicc {
  const path = euiccPath(sid);
  const euicc = useLoad(path, (signal) => api.get<Euicc>(path, {}, signal));
  const there = euicc.value === undefined ? undefined : operationsPath(sid);
  const operations = useRecords<EuiccOperation>(there, 'operations');
  const { records = [] } = operations;
  function reload(): void {
    euicc.reload();
    operations.reload();
  }
  const { value } = euicc;
  // One that was removed meanwhile is not found.
  useEuiccChanges((change) => value !== undefined && change.euicc?.sid === value.sid, reload);
  usePoll(value !== undefined && !euicc.loading && !operations.loading, reload, SEEN_MS);
  useAnnouncedEnds(records);
  return { euicc, operations, reload };
}

/** Tells what has ended since the page was opened. */
function useAnnouncedEnds(operations: readonly EuiccOperation[]): void {
  const waiting = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    for (const operation of operations) {
      if (isUnderWay(operation) || !waiting.current.has(operation.sid)) continue;
      announce(`${operationInWords(operation)}: ${operation.status}`);
    }
    waiting.current = new Set(operations.filter(isUnderWay).map(({ sid }) => sid));
  }, [operations]);
}
