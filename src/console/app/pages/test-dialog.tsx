import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { CallbackTest } from '../types.ts';
import { ReceiverFields, useReceiver } from './receiver-fields.tsx';

/** Sends a test to a receiver, and shows what it answered. */
export function TestDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const receiver = useReceiver();
  const [tested, setTested] = useState<CallbackTest>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const form = receiver.check();
    if (form === undefined) return;
    setBusy(true);
    setTested(undefined);
    try {
      const done = await api.post<CallbackTest>('/v1/Callbacks/Test', form);
      setTested(done);
      setProblem(undefined);
      announce(inWords(done));
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  return (
    <Dialog
      title="Test a receiver"
      dialog={dialog}
      onClose={() => {
        setTested(undefined);
        setProblem(undefined);
      }}
    >
      <form class="form" onSubmit={(event) => void send(event)} noValidate>
        <p>
          Sends one signed callback now, with <code>Test=true</code> and no real profile.
        </p>
        <ReceiverFields receiver={receiver} />
        {tested !== undefined && <Outcome tested={tested} />}
        {problem !== undefined && <Problem problem={problem} />}
        <DialogButtons
          dialog={dialog}
          close="Close"
          submit={busy ? 'Sending…' : tested === undefined ? 'Send the test' : 'Send it again'}
          disabled={busy}
        />
      </form>
    </Dialog>
  );
}

function Outcome({ tested }: { tested: CallbackTest }) {
  const { response } = tested;
  return (
    <>
      <p class="note" role="status">
        {inWords(tested)}
      </p>
      {response !== null && response !== '' && (
        <pre tabIndex={0} aria-label="Response">
          <code>{response}</code>
        </pre>
      )}
    </>
  );
}

function inWords({ state, error, status_code: status, duration_ms: took }: CallbackTest): string {
  if (state === 'delivered') return `Received: answered ${status} after ${took} ms.`;
  return `Not received: ${error ?? 'the attempt failed'}, after ${took} ms.`;
}
