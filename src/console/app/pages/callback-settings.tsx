import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { useMay } from '../session.ts';
import type { Account } from '../types.ts';
import { MethodChoice } from './method-choice.tsx';
import { problemOfCallbackUrl } from './order.ts';

/** The URL for the callbacks of all orders and Sims without one of their own. */
export function CallbackSettings({
  account,
  onSave,
}: {
  account: Account;
  onSave: (account: Account) => void;
}) {
  const mayChange = useMay('full');
  const saved = account.callback_url ?? '';
  const [url, setUrl] = useState(saved);
  const [method, setMethod] = useState(account.callback_method);
  const [ofEuiccs, setOfEuiccs] = useState(account.euicc_callbacks);
  const [left, setLeft] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiProblem>();
  const wanted = url.trim();
  // What is shown of user name and password cannot be saved in their place.
  const isChanged = wanted !== saved;
  const found = isChanged ? problemOfCallbackUrl(wanted) : undefined;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setLeft(true);
    if (found !== undefined) return;
    setBusy(true);
    try {
      const change = {
        ...(isChanged ? { CallbackUrl: wanted } : {}),
        CallbackMethod: method,
        EuiccCallbacks: ofEuiccs === account.euicc_callbacks ? undefined : String(ofEuiccs),
      };
      const changed = await api.post<Account>('/v1/Account', change);
      onSave(changed);
      setUrl(changed.callback_url ?? '');
      setRefused(undefined);
      announce('Saved');
    } catch (error) {
      setRefused(toProblem(error));
    }
    setBusy(false);
  }

  const atUrl = refused?.parameter === 'CallbackUrl' ? refused.reason : undefined;
  return (
    <form
      class="card form"
      aria-labelledby="callback-settings"
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h2 id="callback-settings">Callbacks</h2>
      <p class="muted">
        Called about every order and Sim that has no callback URL of its own, from the next change
        on. Empty: those have no callbacks.
      </p>
      <Field
        label="Default callback URL"
        name="CallbackUrl"
        value={url}
        onInput={(text) => {
          setUrl(text);
          setRefused(undefined);
        }}
        onBlur={() => setLeft(true)}
        problem={atUrl ?? (left ? found : undefined)}
        help={
          saved.includes('***:***@')
            ? 'Its user name and password are stored encrypted and not shown; to change the URL, type them again.'
            : undefined
        }
        placeholder="https://example.com/status"
        mono
      />
      {wanted !== '' && <MethodChoice method={method} onChoose={setMethod} />}
      {account.eim_id !== null && wanted !== '' && (
        <label class="choice">
          <input
            type="checkbox"
            checked={ofEuiccs}
            onChange={({ currentTarget }) => setOfEuiccs(currentTarget.checked)}
          />
          <span>
            Also about eUICCs of IoT devices
            <br />
            <span class="muted">
              And about operations on them, unless the eUICC or the operation says otherwise.
            </span>
          </span>
        </label>
      )}
      {refused !== undefined && atUrl === undefined && <Problem problem={refused} />}
      <div class="form-actions">
        <button
          type="submit"
          class="button button-primary"
          disabled={
            busy ||
            !mayChange ||
            (!isChanged &&
              method === account.callback_method &&
              ofEuiccs === account.euicc_callbacks)
          }
        >
          {busy ? 'Saving…' : 'Save'}
        </button>
      </div>
    </form>
  );
}
