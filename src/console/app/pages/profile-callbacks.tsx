import { RecordsCard } from '../components/records.tsx';
import type { Callback, EsimProfile } from '../types.ts';
import type { Records } from '../use-records.ts';
import { useDue } from './attempts.tsx';
import { CallbackRows } from './callback-rows.tsx';

/** How long the callback log is kept. */
const KEPT_MS = 30 * 86_400_000;

export function Callbacks({
  profile,
  callbacks,
}: {
  profile: EsimProfile;
  callbacks: Records<Callback>;
}) {
  const { records, reload } = callbacks;
  useDue(records ?? [], reload);
  return (
    <RecordsCard title="Callbacks" list={callbacks} empty={whyNone(profile)}>
      {(all) => <CallbackRows callbacks={all} reload={reload} />}
    </RecordsCard>
  );
}

/** The API does not reveal the callback URL of an order, so the reason is deduced. */
function whyNone({ status, date_updated: date }: EsimProfile): string {
  if (status === 'new') return 'The first callback is sent when the status changes.';
  return Date.now() - Date.parse(date) < KEPT_MS
    ? 'This order has no callback URL.'
    : 'This order has no callback URL, or its callbacks were sent more than 30 days ago.';
}
