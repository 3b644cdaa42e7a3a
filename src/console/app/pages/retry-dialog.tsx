import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';

interface Retried {
  retried: number;
  next_url: string | null;
}

interface Retriable {
  /** Where the first batch is posted. */
  path: string;
  title: string;
  what: string;
  /** One of them. */
  one: string;
  none: string;
}

export const FAILED_CALLBACKS: Retriable = {
  path: '/v1/Callbacks/Retry?State=failed',
  title: 'Retry all failed callbacks',
  what: 'Every callback that was given up is sent again, and retried for a day if that fails. Do this once the receivers work again.',
  one: 'callback',
  none: 'No callback has failed.',
};

export const UNSENT_REPORTS: Retriable = {
  path: '/v1/ProgressReports/Retry?State=failed,kept,pending',
  title: 'Send all unsent reports',
  what: 'Every report that was given up or kept, or waits for its next attempt, is sent again. Those about one profile are sent in the order in which they happened.',
  one: 'report',
  none: 'All reports have been sent.',
};

/** Retries all of them, which the API does in batches. */
export function RetryDialog({
  dialog,
  what,
  onRetry,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
  what: Retriable;
  onRetry: () => void;
}) {
  const [count, setCount] = useState<number>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();

  async function retry(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    try {
      let total = 0;
      for (let path: string | undefined = what.path; path;) {
        const { retried, next_url: next }: Retried = await api.post<Retried>(path);
        total += retried;
        setCount(total);
        path = next === null ? undefined : pathOf(next);
      }
      announce(inWords(total, what));
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
    onRetry();
  }

  return (
    <Dialog
      title={what.title}
      dialog={dialog}
      onClose={() => {
        setCount(undefined);
        setProblem(undefined);
      }}
    >
      {count === undefined ? (
        <p>{what.what}</p>
      ) : (
        <p class="note" role="status">
          {inWords(count, what)}
        </p>
      )}
      {problem !== undefined && <Problem problem={problem} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {count === undefined ? 'Cancel' : 'Close'}
        </button>
        {(count === undefined || busy) && (
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void retry()}
          >
            {busy ? 'Retrying…' : 'Retry'}
          </button>
        )}
      </div>
    </Dialog>
  );
}

/** Drops the origin: the server may know itself by another name than the one this page came from. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function inWords(count: number, { one, none }: Retriable): string {
  if (count === 0) return none;
  return count === 1
    ? `1 ${one} is being sent again.`
    : `${count.toLocaleString()} ${one}s are being sent again.`;
}
