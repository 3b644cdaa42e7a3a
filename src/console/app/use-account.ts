import { api } from './api.ts';
import type { Account } from './types.ts';
import { useLoad } from './use-load.ts';

/** The account of the session, with its settings. */
export const useAccount = () =>
  useLoad('/v1/Account', (signal) => api.get<Account>('/v1/Account', {}, signal));
