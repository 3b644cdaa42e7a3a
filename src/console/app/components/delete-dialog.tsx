import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { DialogButtons } from './dialog-buttons.tsx';
import { Dialog, useOpenDialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

/**
 * A dialog that says what a DELETE request means, sends it, and shows its refusal. It opens when it is rendered, and calls
 * `onClose` when it is closed, also after success.
 */
export function DeleteDialog({
  title,
  path,
  button,
  done,
  onDone,
  onClose,
  children,
}: {
  title: string;
  /** With its query. */
  path: string;
  /** Says what it does: "Remove the eUICC". */
  button: string;
  /** What is announced then. */
  done: string;
  onDone: () => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useOpenDialog();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await api.delete(path);
      announce(done);
      dialog.current?.close();
      onDone();
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {children}
        {problem !== undefined && <Problem problem={problem} />}
        <DialogButtons dialog={dialog} close="Back" submit={button} danger disabled={busy} />
      </form>
    </Dialog>
  );
}
