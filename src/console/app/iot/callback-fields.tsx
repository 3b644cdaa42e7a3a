// Where callbacks go: to what stands in, to a URL, or nowhere.
import type { Parameters } from '../api.ts';
import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import { MethodChoice } from '../pages/method-choice.tsx';
import { problemOfCallbackUrl } from '../pages/order.ts';

export interface CallbackChoice {
  to: 'stand-in' | 'url' | 'none';
  url: string;
  method: 'GET' | 'POST';
}

/** @param saved as the API shows it */
export function startOfCallback(
  saved: string | null = null,
  method: CallbackChoice['method'] = 'POST',
): CallbackChoice {
  if (saved === null) return { to: 'stand-in', url: '', method };
  return saved === 'none' ? { to: 'none', url: '', method } : { to: 'url', url: saved, method };
}

/** What is shown of user name and password cannot be saved in their place. */
const isAsSaved = ({ to, url }: CallbackChoice, saved: string | null) =>
  to === 'url' && url.trim() === saved;

export function problemOfCallback(
  chosen: CallbackChoice,
  saved: string | null = null,
): string | undefined {
  if (chosen.to !== 'url' || isAsSaved(chosen, saved)) return undefined;
  const url = chosen.url.trim();
  return url === '' ? 'Enter a URL.' : problemOfCallbackUrl(url);
}

/** Of a change. @param saved as the API shows it */
export function callbackParameters(chosen: CallbackChoice, saved: string | null): Parameters {
  const { to, url, method } = chosen;
  if (to !== 'url') return { CallbackUrl: to === 'none' ? 'none' : '' };
  return {
    CallbackUrl: isAsSaved(chosen, saved) ? undefined : url.trim(),
    CallbackMethod: method,
  };
}

/** Of something new. */
export function newCallbackParameters({ to, url, method }: CallbackChoice): Parameters {
  if (to === 'stand-in') return {};
  return to === 'none'
    ? { CallbackUrl: 'none' }
    : { CallbackUrl: url.trim(), CallbackMethod: method };
}

export function CallbackFields({
  value,
  onChange,
  standIn,
  about,
  problem,
}: {
  value: CallbackChoice;
  onChange: (value: CallbackChoice) => void;
  /** What stands in without a URL. */
  standIn: string;
  about?: string;
  problem: string | undefined;
}) {
  return (
    <>
      <Choices
        legend="Who is told?"
        value={value.to}
        onChoose={(to) => onChange({ ...value, to })}
        choices={[
          { value: 'stand-in', label: standIn, ...(about === undefined ? {} : { about }) },
          { value: 'url', label: 'This URL' },
          { value: 'none', label: 'Nobody' },
        ]}
      />
      {value.to === 'url' && (
        <>
          <Field
            label="Callback URL"
            name="CallbackUrl"
            value={value.url}
            onInput={(url) => onChange({ ...value, url })}
            problem={problem}
            help={
              value.url.includes('***:***@')
                ? 'Its user name and password are stored encrypted and not shown; to change the URL, type them again.'
                : undefined
            }
            placeholder="https://example.com/status"
            mono
          />
          <MethodChoice
            method={value.method}
            onChoose={(method) => onChange({ ...value, method })}
          />
        </>
      )}
    </>
  );
}
