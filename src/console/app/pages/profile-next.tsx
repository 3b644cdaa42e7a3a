import { Icon } from '../components/icon.tsx';
import type { IconName } from '../components/icon.tsx';
import { useNow } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { EsimProfile, EsimProfileEvent } from '../types.ts';
import { nextStep } from './next-step.ts';
import type { NextStep, Offer, Tone } from './next-step.ts';

const ICONS: Record<Tone, IconName> = {
  wait: 'clock',
  act: 'arrow',
  good: 'check',
  warn: 'warning',
  bad: 'close',
};

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
  offered,
}: {
  profile: EsimProfile;
  events: readonly EsimProfileEvent[];
  offered: Offered;
}) {
  const mayChange = useMay('orders');
  const step = nextStep(profile, events, useNow());
  const { error_code: code, error_message: message, replaces_sid: replaces } = profile;
  const offers = step.offers.filter((offer) => mayChange || READABLE.includes(offer));
  return (
    <section class={`next next-${step.tone}`} aria-labelledby="next">
      <span class="next-icon">
        <Icon name={ICONS[step.tone]} />
      </span>
      <div class="next-words">
        <p class="next-over">{overline(step, profile)}</p>
        <h2 id="next">{step.title}</h2>
        <p>{step.text}</p>
        {step.notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
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
        {offers.length > 0 && (
          <div class="next-offers">
            {offers.map((offer, at) => (
              <OfferButton
                key={offer}
                offer={offer}
                isFirst={at === 0}
                profile={profile}
                offered={offered}
              />
            ))}
          </div>
        )}
      </div>
    </section>
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
