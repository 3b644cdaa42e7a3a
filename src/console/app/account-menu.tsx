import { useState } from 'preact/hooks';
import { announce } from './announce.tsx';
import { Icon } from './components/icon.tsx';
import { Problem } from './components/problem.tsx';
import { showShortcuts } from './components/shortcuts.tsx';
import { toProblem } from './http.ts';
import { BASE } from './location.ts';
import { scopeText } from './scope-text.ts';
import { accountSid, signedInAccounts, signOut, switchAccount } from './session.ts';
import { useLoad } from './use-load.ts';

/** The accounts that this browser is signed in to. */
export function AccountMenu({ close }: { close: () => void }) {
  const { value: accounts, problem } = useLoad('accounts', signedInAccounts);
  const [busy, setBusy] = useState(false);
  const current = accountSid();

  function attempt(doing: Promise<void>): void {
    setBusy(true);
    doing.catch((error: unknown) => {
      setBusy(false);
      announce(toProblem(error).message);
    });
  }

  if (problem !== undefined) return <Problem problem={problem} />;
  if (accounts === undefined) return null;
  return (
    <>
      {accounts.map(({ account_sid: sid, friendly_name: name, scope }) => (
        <button
          key={sid}
          type="button"
          class="account-choice"
          disabled={busy}
          aria-current={sid === current ? 'true' : undefined}
          onClick={() => (sid === current ? close() : attempt(switchAccount(sid)))}
        >
          <span>
            {name}
            {scope !== 'full' && ` (${scopeText(scope)})`}
            <code class="muted">{`${sid.slice(0, 10)}…${sid.slice(-4)}`}</code>
          </span>
          {sid === current && <Icon name="check" />}
        </button>
      ))}
      <a href={`${BASE}/add-account`} onClick={close}>
        Add an account…
      </a>
      <button
        type="button"
        onClick={() => {
          close();
          showShortcuts();
        }}
      >
        Keyboard shortcuts…
      </button>
      {accounts.length > 1 && (
        <button type="button" disabled={busy} onClick={() => attempt(signOut(true))}>
          Sign out of all accounts
        </button>
      )}
    </>
  );
}
