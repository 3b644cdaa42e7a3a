import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Key } from '../types.ts';

/** Asks before a key is revoked, which cannot be undone. */
export function RevokeDialog({
  record,
  dialog,
  onRevoke,
}: {
  record: Key;
  dialog: RefObject<HTMLDialogElement | null>;
  onRevoke: () => void;
}) {
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function revoke(): Promise<void> {
    setBusy(true);
    try {
      await api.delete(`/v1/Keys/${record.sid}`);
      setProblem(undefined);
      dialog.current?.close();
      onRevoke();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  return (
    <Dialog title="Revoke this key?" dialog={dialog}>
      <p>
        Anything that uses <strong>{record.friendly_name || record.sid}</strong> will be refused
        from then on. This can’t be undone.
      </p>
      {problem !== undefined && <Problem problem={problem} />}
      <div class="form-actions">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={busy}
          onClick={() => void revoke()}
        >
          Revoke
        </button>
      </div>
    </Dialog>
  );
}
