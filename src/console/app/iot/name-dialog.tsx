import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { euiccPath } from './paths.ts';
import type { Euicc } from './types.ts';

export function NameDialog({
  euicc,
  onDone,
  onClose,
}: {
  euicc: Euicc;
  onDone: (changed: Euicc) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(euicc.friendly_name ?? '');
  return (
    <ActionDialog
      title="Name"
      path={euiccPath(euicc.sid)}
      form={{ FriendlyName: name.trim() }}
      button="Save"
      fields={['FriendlyName']}
      onDone={(changed) => {
        announce('Saved');
        onDone(changed);
      }}
      onClose={onClose}
    >
      {(problemOf) => (
        <Field
          label="Name (optional)"
          name="friendly-name"
          value={name}
          onInput={setName}
          placeholder="Pump 7"
          help="By which people know the device. At most 128 characters."
          problem={problemOf('FriendlyName')}
          autofocus
        />
      )}
    </ActionDialog>
  );
}
