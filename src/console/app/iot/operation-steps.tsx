import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';
import type { EuiccOperation, OperationStatus } from './types.ts';

/** The progress of an operation through its life. */
export function OperationSteps({ operation }: { operation: EuiccOperation }) {
  const { status, date_created: created, date_sent: sent, date_ended: ended } = operation;
  const isSent = sent !== null;
  const end: OperationStatus = status === 'failed' || status === 'cancelled' ? status : 'completed';
  const dates: Partial<Record<OperationStatus, string | null>> = {
    queued: created,
    sent,
    [end]: ended,
  };
  // What was cancelled, or could not even be sent, skips a step.
  const steps: OperationStatus[] =
    ended !== null && !isSent ? ['queued', end] : ['queued', 'sent', end];
  const at = steps.indexOf(status);
  return (
    <section class="steps-card" aria-label="Progress">
      <ol class="steps">
        {steps.map((step, index) => {
          const state = index === at ? 'now' : index < at ? 'done' : 'ahead';
          const date = dates[step];
          const isBad = step === 'failed' || step === 'cancelled';
          return (
            <li
              key={step}
              class={`step step-${state}${isBad ? ' step-failed' : ''}`}
              aria-current={state === 'now' ? 'step' : undefined}
            >
              <span class="step-mark">
                {(state === 'done' || (state === 'now' && step === 'completed')) && (
                  <Icon name="check" />
                )}
                {isBad && <Icon name="close" />}
              </span>
              <span class="step-name">{step}</span>
              <span class="step-time muted">{date && <Time date={date} />}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
