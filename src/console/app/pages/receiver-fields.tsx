// Which receiver is meant: that of the account, or another.
import { useState } from 'preact/hooks';
import type { Parameters } from '../api.ts';
import { Field } from '../components/field.tsx';
import { useAccount } from '../use-account.ts';
import { MethodChoice } from './method-choice.tsx';
import { problemOfCallbackUrl } from './order.ts';

export interface ReceiverChoice {
  url: string;
  setUrl: (url: string) => void;
  method: 'POST' | 'GET';
  setMethod: (method: 'POST' | 'GET') => void;
  problem: string | undefined;
  /** The URL of the account; null: none, or not known yet. */
  ofAccount: string | null;
  /** @returns the parameters of the API; undefined if there is a problem, which is then shown */
  check: () => Parameters | undefined;
}

export function useReceiver(): ReceiverChoice {
  const account = useAccount();
  const ofAccount = account.value?.callback_url ?? null;
  const [url, setUrl] = useState('');
  const [method, setMethod] = useState<'POST' | 'GET'>('POST');
  const [problem, setProblem] = useState<string>();
  function check(): Parameters | undefined {
    const given = url.trim();
    const found = given === '' && ofAccount === null ? 'Enter a URL.' : problemOfCallbackUrl(given);
    setProblem(found);
    if (found !== undefined) return undefined;
    return given === '' ? {} : { CallbackUrl: given, CallbackMethod: method };
  }
  return { url, setUrl, method, setMethod, problem, ofAccount, check };
}

export function ReceiverFields({ receiver }: { receiver: ReceiverChoice }) {
  const { url, setUrl, method, setMethod, problem, ofAccount } = receiver;
  return (
    <>
      <Field
        label="Callback URL"
        name="CallbackUrl"
        value={url}
        onInput={setUrl}
        problem={problem}
        help={ofAccount === null ? undefined : `Empty: ${ofAccount}, the URL of the account.`}
        placeholder="https://example.com/status"
        mono
      />
      {url.trim() !== '' && <MethodChoice method={method} onChoose={setMethod} />}
    </>
  );
}
