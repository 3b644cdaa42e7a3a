import type { ComponentChildren } from 'preact';
import type { Tone } from '../tone.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

const ICONS: Record<Tone, IconName> = {
  wait: 'clock',
  act: 'arrow',
  good: 'check',
  warn: 'warning',
  bad: 'close',
};

/** The one thing to do next, at the top of a page. */
export function NextCard({
  tone,
  over,
  title,
  text,
  notes = [],
  children,
  offers,
}: {
  tone: Tone;
  over: string;
  title: string;
  text: ComponentChildren;
  /** More that matters now, a sentence each. */
  notes?: readonly string[];
  children?: ComponentChildren;
  /** Buttons and links. */
  offers?: ComponentChildren;
}) {
  return (
    <section class={`next next-${tone}`} aria-labelledby="next">
      <span class="next-icon">
        <Icon name={ICONS[tone]} />
      </span>
      <div class="next-words">
        <p class="next-over">{over}</p>
        <h2 id="next">{title}</h2>
        <p>{text}</p>
        {notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
        {children}
        {offers && <div class="next-offers">{offers}</div>}
      </div>
    </section>
  );
}
