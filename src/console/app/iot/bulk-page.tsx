import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api, withQuery } from '../api.ts';
import { ActionDialog } from '../components/action-dialog.tsx';
import { BatchLink } from '../components/batch-link.tsx';
import { DetailsList } from '../components/details-list.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { Id } from '../components/sid.tsx';
import { StatusPill } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { BASE } from '../location.ts';
import { useMay } from '../session.ts';
import { useLoad } from '../use-load.ts';
import { usePoll } from '../use-poll.ts';
import { useTitle } from '../use-title.ts';
import { bulkInWords, eUICCs, hasEnded, stateInWords, targetInWords } from './bulk-in-words.ts';
import { BulkItems } from './bulk-items.tsx';
import { useEuiccChanges } from './euicc-events.ts';
import { BULKS } from './paths.ts';
import type { BulkOperation } from './types.ts';
import { useGroups } from './use-groups.ts';
import '../styles/profile.css';
import '../pages/batches.css';
import './iot.css';

/** What the server does by itself, such as to halt it, no event tells. */
const BUSY_MS = 3_000;

/** One bulk operation: how far it is, what has failed, and what can be done about it. */
export function BulkPage({ sid }: { sid: string }) {
  const path = `${BULKS}/${encodeURIComponent(sid)}`;
  const bulk = useLoad(path, (signal) => api.get<BulkOperation>(path, {}, signal));
  const { value, problem, loading, reload } = bulk;
  useEuiccChanges(({ operation }) => operation?.bulk_sid === sid, reload);
  usePoll(value !== undefined && !hasEnded(value) && !loading, reload, BUSY_MS);
  const before = useRef(value?.status);
  useEffect(() => {
    if (before.current !== undefined && before.current !== value?.status) {
      announce(`The bulk operation is ${value?.status}`);
    }
    before.current = value?.status;
  }, [value?.status]);
  useTitle(value === undefined ? 'Bulk operation' : bulkInWords(value));
  return (
    <>
      <a class="back" href={`${BASE}/euiccs/bulk`}>
        <Icon name="back" />
        Bulk operations
      </a>
      <div class="page-head">
        <h1 class="profile-title">
          {value === undefined ? 'Bulk operation' : bulkInWords(value)}{' '}
          <Id text={sid} what="SID" whole />
        </h1>
        {value !== undefined && <StatusPill status={value.status} />}
      </div>
      {problem?.status === 404 && (
        <div class="empty">
          <h2>Bulk operation not found</h2>
          <p>There is none with this SID in this account. They are kept for 90 days.</p>
        </div>
      )}
      {problem !== undefined && problem.status !== 404 && (
        <Problem problem={problem} retry={reload} />
      )}
      {value !== undefined && (
        <>
          <Progress bulk={value} path={path} reload={reload} />
          <div class="columns">
            <div class="column">
              <BulkItems bulk={value} path={path} />
            </div>
            <div class="column">
              <Details bulk={value} path={path} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Progress({
  bulk,
  path,
  reload,
}: {
  bulk: BulkOperation;
  path: string;
  reload: () => void;
}) {
  const mayChange = useMay('orders');
  const [isCancelling, setCancelling] = useState(false);
  const [refused, setRefused] = useState<ApiProblem>();
  const { status, count } = bulk;

  async function ask(what: 'Pause' | 'Resume'): Promise<void> {
    setRefused(undefined);
    try {
      await api.post(`${path}/${what}`);
    } catch (error) {
      setRefused(toProblem(error));
    }
    reload();
  }

  const counts = bulk.counts;
  const failed = (counts?.failed ?? 0) + (counts?.refused ?? 0);
  const under = (counts?.queued ?? 0) + (counts?.sent ?? 0);
  const share = (number: number) => `${(number / count) * 100}%`;
  const words = progressInWords(bulk);
  return (
    <section class="card batch-progress" aria-label="Progress" data-status={status}>
      <p class="batch-counts">
        <strong>{words}</strong>
        {under > 0 && <span class="muted">{under.toLocaleString()} under way</span>}
        {(counts?.waiting ?? 0) > 0 && (
          <span class="muted">{counts!.waiting.toLocaleString()} wait for their turn</span>
        )}
      </p>
      <div
        class="bar batch-bar"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={count}
        aria-valuenow={(counts?.completed ?? 0) + failed}
        aria-valuetext={words}
      >
        <div style={{ width: share(counts?.completed ?? 0) }} />
        <div class="bar-refused" style={{ width: share(failed) }} />
        <div class="bar-reserved" style={{ width: share(under) }} />
      </div>
      {refused !== undefined && <Problem problem={refused} />}
      <div class="batch-state">
        <p>{stateInWords(bulk)}</p>
        {!hasEnded(bulk) && mayChange && (
          <span class="row-actions">
            {status === 'running' ? (
              <button type="button" class="button" onClick={() => void ask('Pause')}>
                Pause
              </button>
            ) : (
              <button
                type="button"
                class="button button-primary"
                onClick={() => void ask('Resume')}
              >
                Resume
              </button>
            )}
            <button type="button" class="button" onClick={() => setCancelling(true)}>
              Cancel…
            </button>
          </span>
        )}
      </div>
      {isCancelling && (
        <CancelDialog
          bulk={bulk}
          path={path}
          reload={reload}
          onClose={() => setCancelling(false)}
        />
      )}
    </section>
  );
}

/** "312 of 500 done, 2 failed" */
function progressInWords({ count, counts }: BulkOperation): string {
  const done = `${(counts?.completed ?? 0).toLocaleString()} of ${count.toLocaleString()} done`;
  const failed = (counts?.failed ?? 0) + (counts?.refused ?? 0);
  return failed === 0 ? done : `${done}, ${failed.toLocaleString()} failed`;
}

function CancelDialog({
  bulk: { counts },
  path,
  reload,
  onClose,
}: {
  bulk: BulkOperation;
  path: string;
  reload: () => void;
  onClose: () => void;
}) {
  const back = (counts?.waiting ?? 0) + (counts?.queued ?? 0);
  return (
    <ActionDialog
      title="Cancel this bulk operation?"
      path={`${path}/Cancel`}
      form={{}}
      button="Cancel it"
      danger
      onDone={reload}
      onRefused={reload}
      onClose={onClose}
    >
      {() => (
        <ul class="plain-list">
          <li>{eUICCs(back)} that were sent nothing yet are left as they are.</li>
          <li>{eUICCs(counts?.sent ?? 0)} have their operation, and carry it out.</li>
          <li>{eUICCs(counts?.completed ?? 0)} have done it; nothing of that is undone.</li>
        </ul>
      )}
    </ActionDialog>
  );
}

function Details({ bulk, path }: { bulk: BulkOperation; path: string }) {
  const { value: groups } = useGroups();
  const { rate, maximum_failures: most, canary, target, date_ended: ended } = bulk;
  return (
    <section class="card" aria-labelledby="bulk-details">
      <h2 id="bulk-details">Details</h2>
      <DetailsList
        rows={[
          ['On', `${eUICCs(bulk.count)}: ${targetInWords(bulk, groups)}`],
          ['Kind', <code key="kind">{bulk.kind}</code>],
          ['Profile', target.profile],
          ['Type', bulk.order?.profile_type],
          ['Rate', rate === null ? 'all at once' : `${rate.toLocaleString()} a minute`],
          ['Halts at', most === null ? 'never' : `more than ${most} failed`],
          ['First', canary === null ? 'none' : eUICCs(canary)],
          ['Then', bulk.canary_approval && 'it pauses until it is resumed'],
          ['Batch', target.batch_sid && <BatchLink key="batch" sid={target.batch_sid} />],
          ['Callback', bulk.callback_url],
          ['Created', <Time key="created" date={bulk.date_created} />],
          ['Until', <Time key="expires" date={bulk.expires_at} />],
          ['Ended', ended && <Time key="ended" date={ended} />],
        ]}
      />
      <div class="card-actions">
        <a class="button" href={`${path}/Result`} download>
          <Icon name="download" />
          Result as CSV
        </a>
        <a class="button" href={withQuery(`${path}/Result`, { Format: 'jsonl' })} download>
          JSON Lines
        </a>
      </div>
    </section>
  );
}
