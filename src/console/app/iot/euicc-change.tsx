import { Icon } from '../components/icon.tsx';

/** What can be changed about an eUICC here, without a word to the eUICC itself. */
export function EuiccChange({
  onName,
  onCallback,
  onRemove,
}: {
  onName: () => void;
  onCallback: () => void;
  onRemove: () => void;
}) {
  return (
    <section class="card" aria-labelledby="euicc-change">
      <h2 id="euicc-change">Change it here</h2>
      <ul class="actions">
        <li>
          <button type="button" class="action" onClick={onName}>
            <span>
              <strong>Name and group</strong>
              <span class="muted">By which people know the device, and where it belongs.</span>
            </span>
            <Icon name="forward" />
          </button>
        </li>
        <li>
          <button type="button" class="action" onClick={onCallback}>
            <span>
              <strong>Callbacks</strong>
              <span class="muted">Who is told about it, and about operations on it.</span>
            </span>
            <Icon name="forward" />
          </button>
        </li>
        <li>
          <button type="button" class="action action-danger" onClick={onRemove}>
            <span>
              <strong>Remove it</strong>
              <span class="muted">The eIM manages it no longer.</span>
            </span>
            <Icon name="forward" />
          </button>
        </li>
      </ul>
    </section>
  );
}
