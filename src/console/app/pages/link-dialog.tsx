import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Command } from '../components/command.tsx';
import { CopyButton } from '../components/copy.tsx';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog, useOpenDialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { SelectField } from '../components/select-field.tsx';
import { Time } from '../components/time.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { InstallLink } from '../types.ts';

const DAY_S = 86_400;
const LIFETIMES: [seconds: number, label: string][] = [
  [DAY_S, '1 day'],
  [7 * DAY_S, '7 days'],
  [30 * DAY_S, '30 days'],
  [90 * DAY_S, '90 days'],
];

/** Creates an install link, and shows it once. */
export function LinkDialog({
  path,
  onCreate,
  onClose,
}: {
  /** Of the profile, in the API. */
  path: string;
  onCreate: () => void;
  onClose: () => void;
}) {
  const dialog = useOpenDialog();
  const [seconds, setSeconds] = useState(7 * DAY_S);
  const [link, setLink] = useState<InstallLink>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const form = { ExpiresIn: String(seconds) };
      setLink(await api.post<InstallLink>(`${path}/InstallLinks`, form));
      setProblem(undefined);
      onCreate();
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  if (link !== undefined) {
    const url = link.page_url ?? '';
    return (
      <Dialog title="Send this link" dialog={dialog} onClose={onClose}>
        <p>
          Copy it now: <strong>it won’t be shown again</strong>. It ends{' '}
          <Time date={link.date_expires} />, or as soon as the profile is installed.
        </p>
        <Command text={url} what="install link" />
        <QrCode text={url} what="the install link" />
        <p class="muted">
          This QR code opens the page. It isn’t the activation code, which is on the page.
        </p>
        <div class="form-actions">
          <a class="button" href={url} target="_blank" rel="noopener">
            Open the page
          </a>
          <CopyButton text={url} what="link" label="Copy the link" />
          <button
            type="button"
            class="button button-primary"
            onClick={() => dialog.current?.close()}
          >
            Done
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create an install link" dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void create(event)} noValidate>
        <p>
          It opens a page for the person who gets the profile: one tap installs it on an iPhone or
          an Android phone, and the QR code and the steps by hand are there as well. Nobody has to
          sign in, so <strong>whoever has the link can install the profile</strong>.
        </p>
        <SelectField
          label="The link works for"
          value={String(seconds)}
          onChoose={(chosen) => setSeconds(Number(chosen))}
          options={LIFETIMES.map(([value, title]) => ({ value: String(value), title }))}
        />
        {problem !== undefined && <Problem problem={problem} />}
        <DialogButtons dialog={dialog} close="Back" submit="Create the link" disabled={busy} />
      </form>
    </Dialog>
  );
}
