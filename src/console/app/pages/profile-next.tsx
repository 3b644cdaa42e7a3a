import { NextCard } from '../components/next-card.tsx';
import { useNow } from '../components/time.tsx';
import { pushedStep } from '../iot/pushed-step.ts';
import type { Pushed } from '../iot/use-pushed.ts';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { EsimProfile, EsimProfileEvent } from '../types.ts';
import { nextStep } from './next-step.ts';
import type { NextStep, Offer } from './next-step.ts';

/** What its buttons do. */
export interface Offered {
  link: () => void;
  qr: () => void;
  reissue: () => void;
  reorder: () => void;
  cancel: () => void;
}

/** Tells what to do next, with the buttons to do it. */
export function ProfileNext({
  profile,
  events,
  pushed,
  offered,
}: {
  profile: EsimProfile;
  events: readonly EsimProfileEvent[];
  /** Undefined: the order is for no eUICC of the eIM. */
  pushed: Pushed | undefined;
  offered: Offered;
}) {
  const mayChange = useMay('orders');
  const usual = nextStep(profile, events, useNow());
  // What the eIM does needs nobody on the device.
  const push = pushed && pushedStep(profile, pushed.operations);
  const step: NextStep = push === undefined ? usual : { ...push, offers: [] };
  const { error_code: code, error_message: message, replaces_sid: replaces } = profile;
  const offers = step.offers.filter((offer) => mayChange || READABLE.includes(offer));
  return (
    <NextCard
      {...step}
      over={overline(step, profile)}
      offers={
        offers.length > 0 &&
        offers.map((offer, at) => (
          <OfferButton
            key={offer}
            offer={offer}
            isFirst={at === 0}
            profile={profile}
            offered={offered}
          />
        ))
      }
    >
      {code !== null && (
        <p class="next-code">
          <span>{message ?? 'The cause is unknown.'}</span> (error code {code})
        </p>
      )}
      {replaces !== undefined && (
        <p>
          It was ordered in place of <ProfileLink sid={replaces} />.
        </p>
      )}
    </NextCard>
  );
}

/** What a key that can’t change orders can do. */
const READABLE: readonly Offer[] = ['qr', 'stock', 'replacement'];

function overline({ tone, offers }: NextStep, { status }: EsimProfile): string {
  if (status === 'failed' && !offers.includes('replacement')) return 'This order has failed';
  return tone === 'good' ? 'Done' : 'Next step';
}

export function ProfileLink({ sid }: { sid: string }) {
  return (
    <a href={`${BASE}/profiles/${sid}`}>
      <code title={sid}>{`${sid.slice(0, 10)}…${sid.slice(-6)}`}</code>
    </a>
  );
}

const WORDS = {
  link: 'Create an install link',
  qr: 'Show the QR code',
  reissue: 'Create an activation code',
  cancel: 'Cancel the order',
} as const;

function OfferButton({
  offer,
  isFirst,
  profile,
  offered,
}: {
  offer: Offer;
  isFirst: boolean;
  profile: EsimProfile;
  offered: Offered;
}) {
  const look = isFirst && offer !== 'cancel' ? 'button button-primary' : 'button';
  if (offer === 'stock' || offer === 'replacement') {
    const to = offer === 'stock' ? '/stock' : `/profiles/${profile.replaced_by_sid}`;
    return (
      <a class={look} href={BASE + to}>
        {offer === 'stock' ? 'Import subscriptions' : 'Open the new order'}
      </a>
    );
  }
  const again = profile.status === 'installed' ? 'Release it again' : 'Order it again';
  return (
    <button type="button" class={look} onClick={offered[offer]}>
      {offer === 'reorder' ? again : WORDS[offer]}
    </button>
  );
}
