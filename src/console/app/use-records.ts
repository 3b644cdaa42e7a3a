import { useState } from 'preact/hooks';
import { api } from './api.ts';
import type { Meta } from './types.ts';
import { useLoad } from './use-load.ts';
import type { Loaded } from './use-load.ts';

/** How many records are asked for, and how many after each "Show more". */
const SIZES = [50, 200, 1000];

export interface Records<T> extends Omit<Loaded<unknown>, 'value' | 'change'> {
  /** undefined as long as they are not there. */
  records: T[] | undefined;
  /** Undefined when these are all, or as many as can be shown. */
  showMore: (() => void) | undefined;
}

/**
 * The newest records that belong to something.
 * @param name of the member of the answer that holds them
 */
export function useRecords<T>(path: string | undefined, name: string): Records<T> {
  const [step, setStep] = useState(0);
  const { value, ...rest } = useLoad(
    path === undefined ? undefined : `${path} ${step}`,
    (signal) =>
      api.get<Record<string, T[]> & { meta: Meta }>(
        path!,
        { PageSize: String(SIZES[step]) },
        signal,
      ),
    true,
  );
  const isMore = Boolean(value?.meta.next_page_url) && step + 1 < SIZES.length;
  return {
    ...rest,
    records: value?.[name],
    showMore: isMore ? () => setStep(step + 1) : undefined,
  };
}
