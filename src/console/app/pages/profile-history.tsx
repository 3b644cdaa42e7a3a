import { RecordsCard } from '../components/records.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import type { EsimProfileEvent } from '../types.ts';
import type { Records } from '../use-records.ts';

/** The events of a profile, newest first. */
export function ProfileHistory({ history }: { history: Records<EsimProfileEvent> }) {
  return (
    <RecordsCard title="History" list={history} empty="Nothing has happened yet.">
      {(events) => (
        <ol class="timeline">
          {events.map(({ sid, type, status, cause, detail, date_created: date }) => (
            <li key={sid} class={`timeline-${type === 'status' ? status : 'notification'}`}>
              <div class="timeline-head">
                {type === 'status' ? (
                  <StatusPill status={status} />
                ) : (
                  <span class="pill">notification</span>
                )}
                <Time date={date} />
              </div>
              <p>{cause}</p>
              {detail !== null && <p class="muted detail">{detail}</p>}
            </li>
          ))}
        </ol>
      )}
    </RecordsCard>
  );
}
