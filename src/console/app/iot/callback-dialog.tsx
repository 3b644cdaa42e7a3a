import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { ActionDialog } from '../components/action-dialog.tsx';
import { euiccPath } from './paths.ts';
import {
  CallbackFields,
  callbackParameters,
  problemOfCallback,
  startOfCallback,
} from './callback-fields.tsx';
import type { Euicc } from './types.ts';

/** Where callbacks about an eUICC, and about operations on it, go. */
export function CallbackDialog({
  euicc,
  onDone,
  onClose,
}: {
  euicc: Euicc;
  onDone: (changed: Euicc) => void;
  onClose: () => void;
}) {
  const [chosen, setChosen] = useState(() =>
    startOfCallback(euicc.callback_url, euicc.callback_method),
  );
  return (
    <ActionDialog
      title="Callbacks"
      path={euiccPath(euicc.sid)}
      form={callbackParameters(chosen, euicc.callback_url)}
      button="Save"
      fields={['CallbackUrl']}
      check={() => ({ CallbackUrl: problemOfCallback(chosen, euicc.callback_url) })}
      onDone={(changed: Euicc) => {
        announce('Saved');
        onDone(changed);
      }}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <p>
            Called when the status of the eUICC changes, or that of an operation on it that has no
            URL of its own.
          </p>
          <CallbackFields
            value={chosen}
            onChange={setChosen}
            standIn="As the account has it"
            about="Its URL, if it wants callbacks about eUICCs."
            problem={problemOf('CallbackUrl')}
          />
        </>
      )}
    </ActionDialog>
  );
}
