import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { GroupField } from './group-field.tsx';
import { euiccPath } from './paths.ts';
import type { Euicc } from './types.ts';

/** What this server calls an eUICC, and where it belongs. @param group the name of its group, empty for none */
export function NameDialog({
  euicc,
  group: before,
  onDone,
  onClose,
}: {
  euicc: Euicc;
  group: string;
  onDone: (changed: Euicc) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(euicc.friendly_name ?? '');
  const [group, setGroup] = useState(before);
  return (
    <ActionDialog
      title="Name and group"
      path={euiccPath(euicc.sid)}
      form={{
        FriendlyName: name.trim(),
        Group: group.trim() === before ? undefined : group.trim(),
      }}
      button="Save"
      fields={['FriendlyName', 'Group']}
      onDone={(changed: Euicc) => {
        announce('Saved');
        onDone(changed);
      }}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
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
          <GroupField value={group} onInput={setGroup} problem={problemOf('Group')} />
        </>
      )}
    </ActionDialog>
  );
}
