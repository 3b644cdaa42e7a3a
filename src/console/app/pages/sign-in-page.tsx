import { useState } from 'preact/hooks';
import { Command } from '../components/command.tsx';
import { Field } from '../components/field.tsx';
import { toProblem } from '../http.ts';
import { signedIn, signedInAccounts, signIn, switchAccount } from '../session.ts';
import type { Session } from '../session.ts';
import { Logo } from '../shell.tsx';
import { useLoad } from '../use-load.ts';
import { useTitle } from '../use-title.ts';

const SID = /^(AC|SK)[0-9a-f]{32}$/i;

/** @param why the session ended, if there was one */
export function SignInPage({ why }: { why: string | undefined }) {
  useTitle('Sign in');
  return (
    <main class="sign-in">
      <div class="card">
        <h1>
          <Logo />
          Sign in to Simwright
        </h1>
        {why !== undefined && (
          <p class="note" role="status">
            {why}
          </p>
        )}
        <ContinueAs />
        <SignInForm done={signedIn} />
        <p class="muted">No token at hand? This command prints a link that signs you in.</p>
        <Command text="npx simwright console" />
      </div>
    </main>
  );
}

/** The accounts that the browser is signed in to, and that are not in use. */
function ContinueAs() {
  const { value: accounts = [] } = useLoad('accounts to continue as', signedInAccounts);
  return (
    <>
      {accounts.map(({ account_sid: sid, friendly_name: name }) => (
        <button
          key={sid}
          type="button"
          class="button"
          title={sid}
          onClick={() => void switchAccount(sid).catch(() => location.reload())}
        >
          Continue as {name}
        </button>
      ))}
    </>
  );
}

export function SignInForm({ done }: { done: (session: Session) => void }) {
  const [sid, setSid] = useState('');
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<{ sid?: string; token?: string; form?: string }>({});
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const found = {
      ...(SID.test(sid)
        ? {}
        : { sid: 'Expected AC (or SK, for an API key) followed by 32 hexadecimal digits' }),
      ...(token === '' ? { token: 'Enter the token or secret' } : {}),
    };
    setProblem(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      done(await signIn(sid, token));
    } catch (error) {
      const { status, reason } = toProblem(error);
      setProblem({ form: status === 401 ? 'This SID and token don’t match.' : reason });
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Field
        label="Account SID or API key SID"
        name="sid"
        value={sid}
        onInput={(value) => setSid(value.trim())}
        problem={problem.sid}
        autocomplete="username"
        placeholder="AC…"
        mono
        autofocus
      />
      <Field
        label="Auth token or API key secret"
        name="token"
        type="password"
        value={token}
        onInput={(value) => setToken(value.trim())}
        problem={problem.token}
        autocomplete="current-password"
        mono
      />
      {problem.form !== undefined && (
        <p class="field-problem" role="alert">
          {problem.form}
        </p>
      )}
      <button type="submit" class="button button-primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}
