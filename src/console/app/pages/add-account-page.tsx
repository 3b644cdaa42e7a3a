import { BASE } from '../location.ts';
import { useTitle } from '../use-title.ts';
import { SignInForm } from './sign-in-page.tsx';

/** Signs in to a further account. */
export function AddAccountPage() {
  useTitle('Add an account');
  return (
    <div class="sign-in add-account">
      <div class="card">
        <h1>Add an account</h1>
        <p class="muted">
          You stay signed in to the accounts that you have, and can switch between them at the
          bottom of the menu.
        </p>
        {/* Loaded anew, so that nothing of the other account remains in it. */}
        <SignInForm done={() => location.assign(`${BASE}/profiles`)} />
      </div>
    </div>
  );
}
