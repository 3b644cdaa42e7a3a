import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { DialogButtons } from '../components/dialog-buttons.tsx';
import { Dialog, useOpenDialog } from '../components/dialog.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { euiccPath } from './paths.ts';
import type { Euicc } from './types.ts';

/** Says what removing an eUICC means, and removes it. */
export function RemoveDialog({
  euicc,
  onDone,
  onClose,
}: {
  euicc: Euicc;
  onDone: () => void;
  onClose: () => void;
}) {
  const dialog = useOpenDialog();
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  async function remove(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await api.delete(euiccPath(euicc.sid));
      announce('The eUICC is removed');
      dialog.current?.close();
      onDone();
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  }

  const isOurs = euicc.status === 'associated';
  return (
    <Dialog title="Remove this eUICC?" dialog={dialog} onClose={onClose}>
      <form onSubmit={(event) => void remove(event)}>
        <ul class="plain-list">
          <li>Its operations and their packages are deleted here, also those that wait.</li>
          <li>Its device is told that the EID is unknown when it polls.</li>
          <li>What is on the eUICC stays, and orders for its EID stay as they are.</li>
          {isOurs && (
            <li>
              <strong>The eUICC goes on obeying this eIM.</strong> Another account of this server
              that registers its EID could command it. Make it forget this eIM first: ask for{' '}
              <em>Make it forget an eIM</em>.
            </li>
          )}
        </ul>
        {problem !== undefined && <Problem problem={problem} />}
        <DialogButtons
          dialog={dialog}
          close="Back"
          submit="Remove the eUICC"
          danger
          disabled={busy}
        />
      </form>
    </Dialog>
  );
}
