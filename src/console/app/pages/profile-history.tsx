import type { ComponentChildren } from 'preact';
import { RecordsCard } from '../components/records.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import type { EsimProfileEvent } from '../types.ts';
import type { Records } from '../use-records.ts';
import { changeInWords } from './change-in-words.ts';
import { ProfileLink } from './profile-next.tsx';

const TYPES = { change: 'changed', notification: 'notification' } as const;

/** The events of a profile, newest first. */
export function ProfileHistory({ history }: { history: Records<EsimProfileEvent> }) {
  return (
    <RecordsCard title="History" list={history} empty="Nothing has happened yet.">
      {(events) => (
        <ol class="timeline">
          {events.map(({ sid, type, status, cause, detail, date_created: date }) => (
            <li key={sid} class={`timeline-${type === 'status' ? status : type}`}>
              <div class="timeline-head">
                {type === 'status' ? (
                  <StatusPill status={status} />
                ) : (
                  <span class="pill">{TYPES[type]}</span>
                )}
                <Time date={date} />
              </div>
              <p>{type === 'change' ? changeInWords(cause) : cause}</p>
              {detail !== null && <p class="muted detail">{withLinks(detail)}</p>}
            </li>
          ))}
        </ol>
      )}
    </RecordsCard>
  );
}

/** The SIDs of other profiles become links to them. */
function withLinks(detail: string): ComponentChildren[] {
  return detail
    .split(/(HP[0-9a-f]{32})/)
    .map((part, index) => (index % 2 === 0 ? part : <ProfileLink key={part} sid={part} />));
}
