import type { EuiccOperation } from './types.ts';

/** Whether the API cancels it: it was not sent, or its last attempt has failed, as the IPA says. */
export const isCancellable = ({ status, failed_attempts: failures }: EuiccOperation): boolean =>
  status === 'queued' || (status === 'sent' && failures > 0);
