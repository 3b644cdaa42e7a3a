import { withQuery } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import type { Query } from '../location.ts';
import type { Status } from '../types.ts';
import { filterParameters, statusesOf } from './profiles-query.ts';

/** Statuses whose codes a device can still use. */
const USABLE: readonly Status[] = ['available', 'downloaded'];

/** Links to labels for all profiles that match the filters and whose codes can still be used. */
export function SheetLink({ query }: { query: Query }) {
  const chosen = statusesOf(query);
  const usable = chosen.filter((status) => USABLE.includes(status));
  const inside = (
    <>
      <Icon name="print" />
      QR sheet
    </>
  );
  if (chosen.length > 0 && usable.length === 0) {
    return (
      <button
        type="button"
        class="button"
        disabled
        title="Only available and downloaded profiles have codes that can still be used"
      >
        {inside}
      </button>
    );
  }
  return (
    <a
      class="button"
      href={withQuery('/v1/ESimProfiles/QrSheet', { ...filterParameters(query), Status: usable })}
      target="_blank"
      rel="noopener"
      title={`Print the QR codes of the ${(usable.length > 0 ? usable : ['available']).join(' and ')} profiles in this list`}
    >
      {inside}
    </a>
  );
}
