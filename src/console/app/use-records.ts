import { useState } from 'preact/hooks';
import { api } from './api.ts';
import type { Parameters } from './api.ts';
import type { Meta } from './types.ts';
import { useLoad } from './use-load.ts';
import type { Loaded } from './use-load.ts';

/** Number of records requested at first, and after each "Show more". */
const SIZES = [50, 200, 1000];

export interface Records<T> extends Omit<Loaded<unknown>, 'value' | 'change'> {
  /** Undefined until loaded. */
  records: T[] | undefined;
  /** Undefined if these are all, or the most that can be shown. */
  showMore: (() => void) | undefined;
}

/**
 * Loads the newest records of a resource.
 * @param name property of the response that contains them
 */
export function useRecords<T>(
  path: string | undefined,
  name: string,
  filter: Parameters = {},
): Records<T> {
  const [step, setStep] = useState(0);
  const { value, ...rest } = useLoad(
    path === undefined ? undefined : `${path} ${JSON.stringify(filter)} ${step}`,
    (signal) =>
      api.get<Record<string, T[]> & { meta: Meta }>(
        path!,
        { ...filter, PageSize: String(SIZES[step]) },
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
