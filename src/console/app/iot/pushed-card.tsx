import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { operationInWords } from './kinds.ts';
import { euiccPage, operationPage } from './paths.ts';
import type { Pushed } from './use-pushed.ts';
import './iot.css';

/** Beside an order: the IoT device that it is for, and what the eIM has done there for it. */
export function PushedCard({ pushed: { euicc, operations } }: { pushed: Pushed }) {
  const { sid, eid, friendly_name: name, date_seen: seen } = euicc;
  return (
    <section class="card" aria-labelledby="pushed">
      <div class="card-head">
        <h2 id="pushed">Pushed by the eIM</h2>
        <StatusPill status={euicc.status} />
      </div>
      <p>
        {name === null ? (
          <Id text={eid} what="EID" href={euiccPage(sid)} />
        ) : (
          <a href={euiccPage(sid)}>{name}</a>
        )}
        <span class="muted">
          {seen === null ? ' · never seen' : ' · seen '}
          {seen !== null && <Time date={seen} />}
        </span>
      </p>
      {operations.length === 0 ? (
        <p class="muted">The eIM has done nothing there for this order yet.</p>
      ) : (
        <ul class="orders">
          {operations.map((operation) => (
            <li key={operation.sid}>
              <a href={operationPage(sid, operation.sid)}>{operationInWords(operation)}</a>
              <StatusPill status={operation.status} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
