import type { ComponentChildren } from 'preact';
import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';
import { useMay } from '../session.ts';
import type { EsimProfile, EsimProfileEvent } from '../types.ts';
import { asksForCode } from './next-step.ts';
import { possibilitiesOf } from './order-actions.ts';
import type { Action } from './order-actions.ts';

/** What can be changed about the order now, and why not the rest. */
export function ProfileChange({
  profile,
  events,
  onChoose,
}: {
  profile: EsimProfile;
  events: readonly EsimProfileEvent[];
  onChoose: (action: Action) => void;
}) {
  const mayChange = useMay('orders');
  const { actions, why } = possibilitiesOf(profile, events);
  if (!mayChange) return null;
  return (
    <section class="card" aria-labelledby="change">
      <h2 id="change">Change this order</h2>
      {actions.length > 0 && (
        <ul class="actions">
          {actions.map((action) => (
            <li key={action}>
              <button
                type="button"
                class={action === 'cancel' ? 'action action-danger' : 'action'}
                onClick={() => onChoose(action)}
              >
                <span>
                  <strong>{TITLES[action](profile)}</strong>
                  <span class="muted">{ABOUT[action](profile)}</span>
                </span>
                <Icon name="forward" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {why !== undefined && <p class="muted">{why}</p>}
    </section>
  );
}

const TITLES: Record<Action, (profile: EsimProfile) => string> = {
  reissue: ({ matching_id: id }) =>
    id === null ? 'Create an activation code' : 'Replace the activation code',
  bind: () => 'Move it to another device',
  code: () => 'Set a confirmation code',
  expire: () => 'Set when it expires',
  reorder: ({ status }) => (status === 'installed' ? 'Release it again' : 'Order it again'),
  cancel: () => 'Cancel the order',
};

/** What it is now, or what it does. */
const ABOUT: Record<Action, (profile: EsimProfile) => ComponentChildren> = {
  reissue: ({ matching_id: id }) =>
    id === null ? 'So far, the device needs none.' : 'The old one stops working.',
  bind: ({ eid }) =>
    eid === null ? 'Now: any device with the code.' : `Now: EID …${eid.slice(-8)}.`,
  code({ activation_code: code }) {
    if (code === null) return 'The user must enter it before the download.';
    return asksForCode(code) ? 'Now: there is one.' : 'Now: none.';
  },
  expire: ({ expires_at: at }) =>
    at === undefined ? (
      'Now: never.'
    ) : (
      <>
        Now: <Time date={at} />.
      </>
    ),
  reorder: () => 'A new order takes its place.',
  cancel: ({ status }) =>
    status === 'downloaded' ? 'The device may keep the profile.' : 'Its code stops working.',
};
