import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { Stock, StockOfType } from '../types.ts';

/** Where user name and password of a URL are masked: sent back, it would be another URL. */
const MASKED = '***:***@';

/** Sets when a profile type runs low, and who is told. */
export function ThresholdDialog({
  stock: { profile_type: type, threshold },
  dialog,
  onChange,
}: {
  stock: StockOfType;
  dialog: RefObject<HTMLDialogElement | null>;
  onChange: () => void;
}) {
  const known = {
    count: threshold?.threshold.toString() ?? '',
    url: threshold?.callback_url ?? '',
  };
  const [count, setCount] = useState(known.count);
  const [url, setUrl] = useState(known.url);
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const isUnchanged = url === known.url && url.includes(MASKED);
      await api.post<Stock>('/v1/Stock', {
        ProfileType: type,
        Threshold: count,
        CallbackUrl: isUnchanged ? undefined : url,
      });
      setProblem(undefined);
      announce(`Threshold of ${type} saved`);
      dialog.current?.close();
      onChange();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  const problemOf = (parameter: string) =>
    problem?.parameter === parameter ? problem.reason : undefined;
  const isElsewhere =
    problem !== undefined && !['Threshold', 'CallbackUrl'].includes(problem.parameter ?? '');
  return (
    <Dialog title={`When ${type} runs low`} dialog={dialog} onClose={() => setProblem(undefined)}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <Field
          label="Threshold"
          name="threshold"
          value={count}
          onInput={setCount}
          help="It is low when fewer are available. Empty: no threshold."
          problem={problemOf('Threshold')}
        />
        <Field
          label="Callback URL"
          name="callback-url"
          value={url}
          onInput={setUrl}
          help="Called once when it runs low, and once when there is enough again: a tenth more."
          problem={problemOf('CallbackUrl')}
        />
        {isElsewhere && <Problem problem={problem} />}
        <DialogButtons dialog={dialog} submit="Save" disabled={busy} />
      </form>
    </Dialog>
  );
}
