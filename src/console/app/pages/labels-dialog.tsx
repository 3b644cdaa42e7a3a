import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { MetadataFields } from '../components/metadata-fields.tsx';
import { changeAsJson, linesOf, problemOfLines } from '../metadata.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** Changes the name and the metadata, in any status. */
export function LabelsDialog({ profile, path, ...rest }: OrderDialogProps) {
  const { friendly_name: before = '', metadata } = profile;
  const [name, setName] = useState(before);
  const [lines, setLines] = useState(linesOf(metadata));
  return (
    <ActionDialog
      title="Name and metadata"
      path={path}
      form={{
        FriendlyName: name.trim() === before ? undefined : name.trim(),
        Metadata: changeAsJson(metadata, lines),
      }}
      button="Save"
      fields={['FriendlyName', 'Metadata']}
      check={() => ({ Metadata: problemOfLines(lines) })}
      {...rest}
    >
      {(problemOf) => (
        <>
          <Field
            label="Name (optional)"
            name="friendly-name"
            value={name}
            onInput={setName}
            placeholder="Truck 17"
            help="By which people know it. At most 128 characters."
            problem={problemOf('FriendlyName')}
          />
          <MetadataFields lines={lines} onChange={setLines} problem={problemOf('Metadata')} />
        </>
      )}
    </ActionDialog>
  );
}
