import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { useLoad } from '../use-load.ts';
import type { Loaded } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useRecords } from '../use-records.ts';
import type { Records } from '../use-records.ts';
import { operationInWords } from './kinds.ts';
import { euiccPath, operationsPath } from './paths.ts';
import { isUnderWay } from './types.ts';
import type { Euicc, EuiccOperation } from './types.ts';

/** What is under way may end at the next poll of the device; otherwise only the time of that changes. */
const BUSY_MS = 1_500;
const IDLE_MS = 10_000;

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
  const isBusy = records.some(isUnderWay) || euicc.value?.date_seen === null;
  function reload(): void {
    euicc.reload();
    operations.reload();
  }
  const isThere = euicc.value !== undefined;
  usePoll(isThere && !euicc.loading && !operations.loading, reload, isBusy ? BUSY_MS : IDLE_MS);
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
