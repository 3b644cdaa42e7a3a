import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Problem } from '../components/problem.tsx';
import { SelectField } from '../components/select-field.tsx';
import { Id } from '../components/sid.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { CallbackSecret } from '../types.ts';

const PATH = '/v1/Account/CallbackSecret';

const OVERLAPS = [
  { value: '86400', title: '1 day' },
  { value: '3600', title: '1 hour' },
  { value: '604800', title: '7 days' },
  { value: '0', title: 'no time: it was stolen' },
];

/** The secret of `webhook-signature`: shown on request, and replaced. Only for those who may change something. */
export function CallbackSecretCard() {
  const [shown, setShown] = useState<CallbackSecret>();
  const [isReplacing, setReplacing] = useState(false);
  const [overlap, setOverlap] = useState('86400');
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function load(ask: () => Promise<CallbackSecret>): Promise<void> {
    setBusy(true);
    try {
      setShown(await ask());
      setReplacing(false);
      setProblem(undefined);
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }
  const show = () => load(() => api.get<CallbackSecret>(PATH));
  const replace = () =>
    load(async () => {
      const made = await api.post<CallbackSecret>(PATH, { PreviousSeconds: overlap });
      announce('Secret replaced');
      return made;
    });

  return (
    <section class="card form" aria-labelledby="callback-secret">
      <h2 id="callback-secret">Signing secret</h2>
      <p class="muted">
        Callbacks are signed with it and with their time, in the header{' '}
        <code>webhook-signature</code> (Standard Webhooks). A receiver that checks it needs no auth
        token.
      </p>
      {shown !== undefined && (
        <p>
          <Id text={shown.secret} what="signing secret" whole />
        </p>
      )}
      {shown?.previous_until != null && (
        <p class="muted">
          The previous one signs as well until <Time date={shown.previous_until} />.
        </p>
      )}
      {isReplacing && (
        <SelectField
          label="The old secret signs as well for"
          value={overlap}
          onChoose={setOverlap}
          options={OVERLAPS}
        />
      )}
      {problem !== undefined && <Problem problem={problem} />}
      <div class="form-actions">
        {shown === undefined && !isReplacing && (
          <button type="button" class="button" disabled={busy} onClick={() => void show()}>
            Show the secret
          </button>
        )}
        {isReplacing ? (
          <>
            <button type="button" class="button" onClick={() => setReplacing(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="button button-primary"
              disabled={busy}
              onClick={() => void replace()}
            >
              Replace it now
            </button>
          </>
        ) : (
          <button type="button" class="button" onClick={() => setReplacing(true)}>
            Replace it…
          </button>
        )}
      </div>
    </section>
  );
}
