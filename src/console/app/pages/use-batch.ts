import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import type { Batch } from '../types.ts';
import { useLoad } from '../use-load.ts';
import type { Loaded } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useReloadSoon } from '../use-reload-soon.ts';
import { BATCHES } from './batch-order.ts';

/** A batch as it fills, and afterwards as its orders change. */
export function useBatch(sid: string): Loaded<Batch> {
  const path = `${BATCHES}/${sid}`;
  const batch = useLoad(path, (signal) => api.get<Batch>(path, {}, signal));
  const { value, loading, reload } = batch;
  const isRunning = value !== undefined && isAtWork(value);
  usePoll(isRunning && !loading, reload);
  useReloadSoon(() => {
    if (!isRunning) reload();
  });
  const before = useRef(value?.status);
  useEffect(() => {
    if (before.current === 'running' && value?.status !== 'running') {
      announce(`The batch is ${value?.status}`);
    }
    before.current = value?.status;
  }, [value?.status]);
  return batch;
}

/** A batch that has ended may still return stock. */
export const isAtWork = ({ status, reserved }: Batch) => status === 'running' || reserved > 0;
