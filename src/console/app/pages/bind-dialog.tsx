import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import { doubtOfEid, problemOfEid, withoutSpace } from './order.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** Binds the order to another eUICC, or to none. */
export function BindDialog({ profile, path, ...rest }: OrderDialogProps) {
  const { eid: bound, matching_id: matchingId } = profile;
  const hasCode = matchingId !== null;
  const [whom, setWhom] = useState<'anyone' | 'device'>('device');
  const [eid, setEid] = useState('');
  return (
    <ActionDialog
      title="Choose another device"
      path={path}
      form={{ Eid: whom === 'device' ? withoutSpace(eid) : '' }}
      button="Change the device"
      fields={['Eid']}
      check={() => ({ Eid: whom === 'device' ? problemOfEid(eid) : undefined })}
      {...rest}
    >
      {(problemOf) => (
        <>
          <p>
            {bound === null ? (
              'Any device with the activation code can download the profile now.'
            ) : (
              <>
                Only the device with EID <code class="long">{bound}</code> can download the profile
                now; from then on, it can’t any more.
              </>
            )}{' '}
            {hasCode && 'The activation code stays the same.'}
          </p>
          <Choices
            legend="Who may download it?"
            value={whom}
            onChoose={setWhom}
            choices={[
              { value: 'device', label: 'Only one device, by its EID' },
              {
                value: 'anyone',
                label: 'Any device with the activation code',
                disabled: !hasCode || bound === null,
                about: hasCode
                  ? undefined
                  : 'Not possible: this order has no activation code. Create one first.',
              },
            ]}
          />
          {whom === 'device' && (
            <Field
              label="EID"
              name="eid"
              value={eid}
              onInput={setEid}
              help={
                doubtOfEid(eid) ??
                '32 digits, shown on the device under About or by dialling *#06#.'
              }
              mono
              problem={problemOf('Eid')}
            />
          )}
        </>
      )}
    </ActionDialog>
  );
}
