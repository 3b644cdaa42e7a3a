import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Account, CallbackTest } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { MethodChoice } from './method-choice.tsx';
import { problemOfCallbackUrl } from './order.ts';

/** Sends a test to a receiver, and shows what it answered. */
export function TestDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const account = useLoad('/v1/Account', (signal) => api.get<Account>('/v1/Account', {}, signal));
  const ofAccount = account.value?.callback_url ?? null;
  const [url, setUrl] = useState('');
  const [method, setMethod] = useState<'POST' | 'GET'>('POST');
  const [tested, setTested] = useState<CallbackTest>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const given = url.trim();
    const found = given === '' && ofAccount === null ? 'Enter a URL.' : problemOfCallbackUrl(given);
    setWrong(found);
    if (found !== undefined) return;
    setBusy(true);
    setTested(undefined);
    try {
      const form = given === '' ? {} : { CallbackUrl: given, CallbackMethod: method };
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
        <Field
          label="Callback URL"
          name="CallbackUrl"
          value={url}
          onInput={setUrl}
          problem={wrong}
          help={ofAccount === null ? undefined : `Empty: ${ofAccount}, the URL of the account.`}
          placeholder="https://example.com/status"
          mono
        />
        {url.trim() !== '' && <MethodChoice method={method} onChoose={setMethod} />}
        {tested !== undefined && <Outcome tested={tested} />}
        {problem !== undefined && <Problem problem={problem} />}
        <div class="form-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
          <button type="submit" class="button button-primary" disabled={busy}>
            {busy ? 'Sending…' : tested === undefined ? 'Send the test' : 'Send it again'}
          </button>
        </div>
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
