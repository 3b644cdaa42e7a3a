import { withQuery } from '../api.ts';
import type { Parameters } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { StatusPill } from '../components/status.tsx';
import { BASE } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { Batch } from '../types.ts';
import { BATCHES } from './batch-order.ts';

/** Of the QR sheet, docs/api.md. */
const SHEET_LIMIT = 1000;

const FILES: [title: string, parameters: Parameters][] = [
  ['CSV', {}],
  ['CSV for Excel', { Spreadsheet: 'true' }],
  ['JSON Lines', { Format: 'jsonl' }],
];

/** What the batch has made, to be taken away. */
export function BatchResult({ batch }: { batch: Batch }) {
  const { sid, status, esim_profiles: counts } = batch;
  const usable = (counts?.available ?? 0) + (counts?.downloaded ?? 0);
  const result = (parameters: Parameters) => withQuery(`${BATCHES}/${sid}/Result`, parameters);
  return (
    <section class="card column" aria-labelledby="result">
      <h2 id="result">Result</h2>
      <p>
        A line for each profile, with its state, ICCID, activation code, and the links with which
        iPhones and Android phones install it.
        {status === 'running' && ' What is not ordered yet is pending in it.'}
      </p>
      <div class="form-actions form-actions-start">
        {FILES.map(([title, parameters], at) => (
          <a
            key={title}
            class={at === 0 && status !== 'running' ? 'button button-primary' : 'button'}
            href={result(parameters)}
            download
          >
            <Icon name="download" />
            {title}
          </a>
        ))}
      </div>
      {usable > 0 && (
        <>
          <h3>QR codes</h3>
          <p>
            Of the profiles that a device can still download with a code; {usable.toLocaleString()}{' '}
            {usable === 1 ? 'is' : 'are'} waiting for a device.
            {usable > SHEET_LIMIT && ' A sheet has 1,000 at most, and leads to the next one.'}
          </p>
          <div class="form-actions form-actions-start">
            <a
              class="button"
              href={`/v1/ESimProfiles/QrSheet?BatchSid=${sid}`}
              target="_blank"
              rel="noopener"
            >
              <Icon name="print" />
              QR sheet to print
            </a>
            <a class="button" href={`/v1/ESimProfiles/QrCodes?BatchSid=${sid}`} download>
              <Icon name="download" />
              QR codes (ZIP)
            </a>
          </div>
        </>
      )}
    </section>
  );
}

/** How many of its profiles have each status, each a link to them. */
export function BatchProfiles({
  batch: { sid, ordered, esim_profiles: counts },
}: {
  batch: Batch;
}) {
  const list = `${BASE}/profiles?batch=${sid}`;
  return (
    <section class="card column" aria-labelledby="profiles">
      <h2 id="profiles">Its eSIM Profiles</h2>
      {ordered === 0 ? (
        <p class="muted">None yet.</p>
      ) : (
        <>
          <ul class="batch-statuses">
            {STATUSES.filter((status) => (counts?.[status] ?? 0) > 0).map((status) => (
              <li key={status}>
                <a href={`${list}&status=${status}`}>
                  <StatusPill status={status} />
                  <strong>{counts![status].toLocaleString()}</strong>
                </a>
              </li>
            ))}
          </ul>
          <a class="button" href={list}>
            <Icon name="profile" />
            Show its eSIM Profiles
          </a>
          <p class="muted">
            There you can select all of them, to export, cancel, label or bind them, or order failed
            ones again.
          </p>
        </>
      )}
    </section>
  );
}
