import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';
import { STATUSES } from '../types.ts';
import type { EsimProfile, EsimProfileEvent, Status } from '../types.ts';

const LIFE: readonly Status[] = STATUSES.filter((status) => status !== 'failed');

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
    <section class="steps-card" aria-label="Life cycle">
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
    </section>
  );
}
