import { NextCard } from '../components/next-card.tsx';
import { useNow } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import { euiccStep } from './euicc-step.ts';
import type { EuiccOffer } from './euicc-step.ts';
import type { Begun } from './operation-dialog.tsx';
import { OnboardingButton } from './onboarding.tsx';
import { operationPage } from './paths.ts';
import type { Euicc, EuiccOperation } from './types.ts';

/** Tells what to do next with an eUICC, with the buttons to do it. */
export function EuiccNext({
  euicc,
  operations,
  mayAsk,
  onAsk,
  onRemove,
}: {
  euicc: Euicc;
  /** Newest first. */
  operations: readonly EuiccOperation[];
  mayAsk: boolean;
  onAsk: (begun: Begun) => void;
  onRemove: () => void;
}) {
  const mayChange = useMay('orders');
  const step = euiccStep(euicc, operations, useNow());
  const { operation, tone } = step;
  const offers = step.offers.filter(
    (offer) =>
      offer === 'onboarding' || (offer === 'order' || offer === 'remove' ? mayChange : mayAsk),
  );
  const over =
    tone === 'good'
      ? 'Done'
      : operation?.status === 'failed'
        ? 'The last operation has failed'
        : 'Next step';
  return (
    <div class="card top">
      <NextCard
        {...step}
        over={over}
        offers={
          (offers.length > 0 || operation !== undefined) && (
            <>
              {offers.map((offer, at) => (
                <Offered
                  key={offer}
                  offer={offer}
                  look={at === 0 && offer !== 'remove' ? 'button button-primary' : 'button'}
                  euicc={euicc}
                  operation={operation}
                  onAsk={onAsk}
                  onRemove={onRemove}
                />
              ))}
              {operation !== undefined && (
                <a class="button" href={operationPage(euicc.sid, operation.sid)}>
                  Open the operation
                </a>
              )}
            </>
          )
        }
      >
        {operation?.status === 'failed' && (
          <p class="next-code">
            <span>{operation.error_message ?? 'The cause is unknown.'}</span> (error code{' '}
            {operation.error_code})
          </p>
        )}
      </NextCard>
    </div>
  );
}

function Offered({
  offer,
  look,
  euicc,
  operation,
  onAsk,
  onRemove,
}: {
  offer: EuiccOffer;
  look: string;
  euicc: Euicc;
  operation: EuiccOperation | undefined;
  onAsk: (begun: Begun) => void;
  onRemove: () => void;
}) {
  if (offer === 'onboarding') return <OnboardingButton euicc={euicc} look={look} />;
  if (offer === 'order') {
    return (
      <a class={look} href={`${BASE}/order?eid=${euicc.eid}`}>
        Order a profile for it
      </a>
    );
  }
  const { title, doing } = {
    enable: { title: 'Enable a profile', doing: () => onAsk({ kind: 'enable' }) },
    data: { title: 'Ask for them', doing: () => onAsk({ kind: 'euiccData' }) },
    again: {
      title: 'Ask for it again',
      doing: () => onAsk({ kind: operation!.kind, like: operation! }),
    },
    remove: { title: 'Remove it', doing: onRemove },
  }[offer];
  return (
    <button type="button" class={look} onClick={doing}>
      {title}
    </button>
  );
}
