import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Choices } from '../components/choices.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { useMay } from '../session.ts';
import type { Account, ReleaseAgain } from '../types.ts';

/** When the subscription of an order is released again by itself; saved as soon as it is chosen. */
export function ReleasePolicy({
  account,
  onSave,
}: {
  account: Account;
  onSave: (account: Account) => void;
}) {
  const mayChange = useMay('full');
  const [problem, setProblem] = useState<ApiProblem>();
  /** Shown while it is being saved. */
  const [chosen, setChosen] = useState<ReleaseAgain>();

  async function choose(ReleaseAgain: ReleaseAgain): Promise<void> {
    setChosen(ReleaseAgain);
    try {
      onSave(await api.post<Account>('/v1/Account', { ReleaseAgain }));
      setProblem(undefined);
      announce('Saved');
    } catch (error) {
      setProblem(toProblem(error));
    }
    setChosen(undefined);
  }

  const disabled = !mayChange || chosen !== undefined;
  return (
    <section class="card form" aria-labelledby="release">
      <h2 id="release">Release again</h2>
      <p class="muted">
        When a device reports that it does not have the profile, a new order with the same ICCID and
        keys can be placed at once, without anybody asking for it. It gets a new activation code,
        and both orders link to each other.
      </p>
      <Choices<ReleaseAgain>
        legend="By itself"
        value={chosen ?? account.release_again}
        onChoose={(policy) => void choose(policy)}
        choices={[
          {
            value: 'off',
            label: 'Never',
            about: 'You decide, on the page of each profile.',
            disabled,
          },
          {
            value: 'deletion',
            label: 'When the device has deleted the profile',
            disabled,
          },
          {
            value: 'failure',
            label: 'When its installation has failed',
            about: 'Three times in a row at most.',
            disabled,
          },
          { value: 'both', label: 'In both cases', disabled },
        ]}
      />
      {problem !== undefined && <Problem problem={problem} />}
    </section>
  );
}
