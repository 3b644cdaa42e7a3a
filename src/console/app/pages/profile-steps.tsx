import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { EsimProfile, EsimProfileEvent, Status } from '../types.ts';

const LIFE: readonly Status[] = STATUSES.filter((status) => status !== 'failed');

/** The error code of an order that found no subscription in stock. */
const NO_STOCK = '83500';

/** Explains the current step. */
const MEANING: Record<Status, string> = {
  new: 'The order has been placed and will be processed in a moment.',
  reserving: 'A subscription is being taken from stock and prepared.',
  available: 'Ready: a device can download the profile now.',
  downloaded: 'The profile has left the server; the device hasn’t confirmed the installation yet.',
  installed: 'The device has installed the profile, and its eUICC has signed the confirmation.',
  failed: 'The order has failed. Once the cause is fixed, order another profile.',
};

/** The progress of a profile through its life cycle. */
export function ProfileSteps({
  profile,
  events,
}: {
  profile: EsimProfile;
  events: readonly EsimProfileEvent[];
}) {
  const since = new Map<Status, string>();
  for (const { type, status, date_created: date } of events) {
    if (type === 'status') since.set(status, date);
  }
  const { status } = profile;
  const reached = LIFE.filter((step) => since.has(step) || step === status);
  const steps: Status[] = status === 'failed' ? [...reached, 'failed'] : [...LIFE];
  return (
    <section class="card steps-card" aria-label="Life cycle">
      <ol class="steps">
        {steps.map((step) => {
          const state = step === status ? 'now' : reached.includes(step) ? 'done' : 'ahead';
          const date = since.get(step);
          return (
            <li
              key={step}
              class={`step step-${state}${step === 'failed' ? ' step-failed' : ''}`}
              aria-current={state === 'now' ? 'step' : undefined}
            >
              <span class="step-mark">
                {(state === 'done' || step === 'installed') && state !== 'ahead' && (
                  <Icon name="check" />
                )}
                {step === 'failed' && <Icon name="close" />}
              </span>
              <span class="step-name">{step}</span>
              <span class="step-time muted">
                {date === undefined ? state === 'ahead' ? '' : '…' : <Time date={date} />}
              </span>
            </li>
          );
        })}
      </ol>
      <p class="muted">{MEANING[status]}</p>
      {profile.error_code !== null && (
        <div class="problem" role="alert">
          <p>
            <strong>{profile.error_message ?? 'The cause is unknown.'}</strong>
          </p>
          <p class="muted">Error code {profile.error_code}</p>
          {profile.error_code === NO_STOCK && <a href={`${BASE}/stock`}>View stock</a>}
        </div>
      )}
    </section>
  );
}
