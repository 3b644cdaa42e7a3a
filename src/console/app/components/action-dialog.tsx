import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api, newIdempotencyKey } from '../api.ts';
import type { Parameters } from '../api.ts';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { Dialog, useOpenDialog } from './dialog.tsx';
import { DialogButtons } from './dialog-buttons.tsx';
import { Problem } from './problem.tsx';

/** The error message of a parameter that has a field. */
export type ProblemOf = (parameter: string) => string | undefined;

/**
 * A dialog that says what will happen, to an order for instance, asks the API for it, and shows its refusal. It opens when it is
 * rendered, and calls `onClose` when it is closed, also after success.
 */
export function ActionDialog({
  title,
  path,
  form,
  button,
  danger = false,
  fields = [],
  check,
  onDone,
  onRefused,
  onClose,
  children,
}: {
  title: string;
  path: string;
  form: Parameters;
  /** Says what it does: "Cancel the order". */
  button: string;
  /** Whether it cannot be undone. */
  danger?: boolean;
  /** Parameters whose error messages `children` shows. */
  fields?: readonly string[];
  /** Error messages by parameter, before anything is sent. */
  check?: () => Record<string, string | undefined>;
  /** Gets what the API has answered. */
  onDone: (changed: never) => void;
  onRefused?: () => void;
  onClose: () => void;
  children: (problemOf: ProblemOf) => ComponentChildren;
}) {
  const dialog = useOpenDialog();
  const [problem, setProblem] = useState<ApiProblem>();
  const [found, setFound] = useState<Record<string, string | undefined>>({});
  const [busy, setBusy] = useState(false);
  /** Sending the same again, after a lost answer, takes effect once. */
  const last = useRef({ form: '', key: '' });

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const wrong = check?.() ?? {};
    setFound(wrong);
    setProblem(undefined);
    if (Object.values(wrong).some((text) => text !== undefined)) return focusWrong();
    const text = JSON.stringify(form);
    if (last.current.form !== text) last.current = { form: text, key: newIdempotencyKey() };
    setBusy(true);
    try {
      const changed = await api.post<unknown>(path, form, {
        'Idempotency-Key': last.current.key,
      });
      dialog.current?.close();
      onDone(changed as never);
    } catch (error) {
      setProblem(toProblem(error));
      onRefused?.();
      focusWrong();
    }
    setBusy(false);
  }

  function focusWrong(): void {
    setTimeout(() => dialog.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
  }

  const isAtField = problem?.parameter !== undefined && fields.includes(problem.parameter);
  const problemOf: ProblemOf = (parameter) =>
    problem?.parameter === parameter ? problem.reason : found[parameter];
  return (
    <Dialog title={title} dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        {children(problemOf)}
        {problem !== undefined && !isAtField && <Problem problem={problem} />}
        <DialogButtons
          dialog={dialog}
          close="Back"
          submit={button}
          danger={danger}
          disabled={busy}
        />
      </form>
    </Dialog>
  );
}
