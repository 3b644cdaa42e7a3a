import { DetailsList } from '../components/details-list.tsx';
import { useMay } from '../session.ts';
import type { EsimProfile } from '../types.ts';

/** What its owner calls the profile: its name and metadata. */
export function ProfileLabels({ profile, onEdit }: { profile: EsimProfile; onEdit: () => void }) {
  const { friendly_name: name, metadata = {} } = profile;
  const mayChange = useMay('orders');
  const pairs = Object.entries(metadata);
  const isEmpty = name === undefined && pairs.length === 0;
  if (isEmpty && !mayChange) return null;
  return (
    <section class="card" aria-labelledby="labels">
      <div class="card-head">
        <h2 id="labels">Name and metadata</h2>
        {mayChange && (
          <button type="button" class="button-quiet" onClick={onEdit}>
            Edit<span class="visually-hidden"> name and metadata</span>
          </button>
        )}
      </div>
      {isEmpty ? (
        <p class="muted">A name and keys of your own, to find the profile again.</p>
      ) : (
        <DetailsList rows={[['Name', name], ...pairs]} />
      )}
    </section>
  );
}
