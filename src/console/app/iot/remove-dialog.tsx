import { DeleteDialog } from '../components/delete-dialog.tsx';
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
  const isOurs = euicc.status === 'associated';
  return (
    <DeleteDialog
      title="Remove this eUICC?"
      path={euiccPath(euicc.sid)}
      button="Remove the eUICC"
      done="The eUICC is removed"
      onDone={onDone}
      onClose={onClose}
    >
      <ul class="plain-list">
        <li>Its operations and their packages are deleted here, also those that wait.</li>
        <li>Its device is told that the EID is unknown when it polls.</li>
        <li>What is on the eUICC stays, and orders for its EID stay as they are.</li>
        {isOurs && (
          <li>
            <strong>The eUICC goes on obeying this eIM.</strong> Another account of this server that
            registers its EID could command it. Make it forget this eIM first: ask for{' '}
            <em>Make it forget an eIM</em>.
          </li>
        )}
      </ul>
    </DeleteDialog>
  );
}
