import { DeleteDialog } from '../components/delete-dialog.tsx';
import { operationInWords } from './kinds.ts';
import { operationPath } from './paths.ts';
import type { EuiccOperation } from './types.ts';

/** Says what it means to stop waiting for the result of an operation, and ends it. */
export function GiveUpDialog({
  operation,
  onDone,
  onClose,
}: {
  operation: EuiccOperation;
  onDone: () => void;
  onClose: () => void;
}) {
  const { euicc_sid: euicc, sid } = operation;
  return (
    <DeleteDialog
      title="Stop waiting for its result?"
      path={`${operationPath(euicc, sid)}?GiveUp=true`}
      button="Stop waiting"
      done="The operation is given up"
      onDone={onDone}
      onClose={onClose}
    >
      <p>{operationInWords(operation)}</p>
      <ul class="plain-list">
        <li>It fails, and the device is handed what was asked for after it.</li>
        <li>
          <strong>The eUICC may still carry it out</strong>, or may have. A result that it has
          signed counts whenever it comes: the operation is completed then.
        </li>
      </ul>
    </DeleteDialog>
  );
}
