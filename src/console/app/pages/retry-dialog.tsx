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

/** Retries all failed callbacks, which the API does in batches. */
export function RetryDialog({
  dialog,
  onRetry,
}: {
  dialog: RefObject<HTMLDialogElement | null>;
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
      for (let path: string | undefined = '/v1/Callbacks/Retry?State=failed'; path;) {
        const { retried, next_url: next }: Retried = await api.post<Retried>(path);
        total += retried;
        setCount(total);
        path = next === null ? undefined : pathOf(next);
      }
      announce(inWords(total));
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
    onRetry();
  }

  return (
    <Dialog
      title="Retry all failed callbacks"
      dialog={dialog}
      onClose={() => {
        setCount(undefined);
        setProblem(undefined);
      }}
    >
      {count === undefined ? (
        <p>
          Every callback that was given up is sent again, and retried for a day if that fails. Do
          this once the receivers work again.
        </p>
      ) : (
        <p class="note" role="status">
          {inWords(count)}
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

function inWords(count: number): string {
  if (count === 0) return 'No callback has failed.';
  return count === 1
    ? '1 callback is being sent again.'
    : `${count.toLocaleString()} callbacks are being sent again.`;
}
