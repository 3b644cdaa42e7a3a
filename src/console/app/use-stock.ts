import { api } from './api.ts';
import type { Stock } from './types.ts';
import { useLoad } from './use-load.ts';

/** What is in stock, by profile type. */
export const useStock = () =>
  useLoad('/v1/Stock', (signal) => api.get<Stock>('/v1/Stock', {}, signal));
