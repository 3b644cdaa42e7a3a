import { useState } from 'preact/hooks';
import { DetailsList } from '../components/details-list.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import type { Batch } from '../types.ts';
import { useTitle } from '../use-title.ts';
import { BatchCancelDialog } from './batch-cancel-dialog.tsx';
import { BatchBar, progressInWords, stateInWords } from './batch-progress.tsx';
import { BatchRefused } from './batch-refused.tsx';
import { BatchProfiles, BatchResult } from './batch-result.tsx';
import { useBatch } from './use-batch.ts';
import './batches.css';

/** One batch: how far it is, what became of its items, and what it has made. */
export function BatchPage({ sid }: { sid: string }) {
  useTitle(`Batch ${sid.slice(-6)}`);
  const { value, problem, reload } = useBatch(sid);
  return (
    <>
      <a class="back" href={`${BASE}/batches`}>
        <Icon name="back" />
        Batches
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          Batch <Id text={sid} what="SID" whole />
        </h1>
        {value !== undefined && <StatusPill status={value.status} />}
      </div>
      {problem?.status === 404 && (
        <div class="empty">
          <h2>Batch not found</h2>
          <p>There is no batch with this SID in this account.</p>
        </div>
      )}
      {problem !== undefined && problem.status !== 404 && (
        <Problem problem={problem} retry={reload} />
      )}
      {value !== undefined && (
        <>
          <Progress batch={value} reload={reload} />
          <div class="columns">
            <div class="column">
              <BatchResult batch={value} />
              {value.refused > 0 && <BatchRefused batch={value} />}
            </div>
            <div class="column">
              <BatchProfiles batch={value} />
              <Details batch={value} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Progress({ batch, reload }: { batch: Batch; reload: () => void }) {
  const mayChange = useMay('orders');
  const [isOpen, setOpen] = useState(false);
  const { status, pending, not_ordered: rest } = batch;
  const isRunning = status === 'running';
  return (
    <section class="card batch-progress" aria-label="Progress" data-status={status}>
      <p class="batch-counts">
        <strong>{progressInWords(batch)}</strong>
        {isRunning && <span class="muted">{pending.toLocaleString()} left</span>}
        {rest > 0 && <span class="muted">{rest.toLocaleString()} not ordered</span>}
      </p>
      <BatchBar batch={batch} label="Progress" />
      <div class="batch-state">
        <p>{stateInWords(batch)}</p>
        {isRunning && mayChange && (
          <button type="button" class="button" onClick={() => setOpen(true)}>
            Cancel…
          </button>
        )}
      </div>
      {isOpen && (
        <BatchCancelDialog
          batch={batch}
          onDone={reload}
          onRefused={reload}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}

function Details({ batch }: { batch: Batch }) {
  const { date_created: created, date_completed: completed } = batch;
  return (
    <section class="card" aria-labelledby="details">
      <h2 id="details">Details</h2>
      <DetailsList
        rows={[
          ['Items', batch.count.toLocaleString()],
          ['All or none', batch.all_or_nothing ? 'yes' : 'no'],
          ['Created', <Time key="created" date={created} />],
          ['Ended', completed && <Time key="completed" date={completed} />],
        ]}
      />
    </section>
  );
}
