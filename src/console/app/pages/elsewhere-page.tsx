import { useState } from 'preact/hooks';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { startOver, switchAccount } from '../session.ts';
import type { Session } from '../session.ts';
import { useTitle } from '../use-title.ts';

/** In place of a page of the account that the browser no longer uses. */
export function ElsewherePage({ session, before }: { session: Session; before: Session }) {
  useTitle('Another account');
  const [problem, setProblem] = useState<ApiProblem>();
  return (
    <main class="sign-in">
      <div class="card">
        <h1>This browser has switched to {session.friendly_name}</h1>
        <p>
          This tab was in {before.friendly_name}. All tabs of a browser are in the same account; to
          work in two at once, use another browser, or another profile of it.
        </p>
        {problem !== undefined && <Problem problem={problem} />}
        <button type="button" class="button button-primary" onClick={startOver}>
          Continue in {session.friendly_name}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            switchAccount(before.account_sid).catch((error: unknown) =>
              setProblem(toProblem(error)),
            );
          }}
        >
          Switch back to {before.friendly_name}
        </button>
      </div>
    </main>
  );
}
