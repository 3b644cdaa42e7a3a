import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Choices } from '../components/choices.tsx';
import { ExpiryField } from '../components/expiry-field.tsx';
import { Field } from '../components/field.tsx';
import { problemOfExpiry, toUtc } from '../local-time.ts';
import { doubtOfEid, problemOfConfirmationCode, problemOfEid, withoutSpace } from './order.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

type Whom = 'same' | 'anyone' | 'device';

/** Places a new order in the place of one that has ended. */
export function ReorderDialog({ profile, path, ...rest }: OrderDialogProps) {
  const { status, iccid, eid: last } = profile;
  const isInstalled = status === 'installed';
  const [sim, setSim] = useState<'other' | 'same'>(isInstalled ? 'same' : 'other');
  const [whom, setWhom] = useState<Whom>('same');
  const [eid, setEid] = useState('');
  const [code, setCode] = useState('');
  const [expires, setExpires] = useState('');
  const eids = { same: undefined, anyone: '', device: withoutSpace(eid) };
  return (
    <ActionDialog
      title={isInstalled ? 'Release it again?' : 'Order it again?'}
      path={`${path}/Reorder`}
      form={{
        KeepSim: sim === 'same' ? 'true' : undefined,
        Eid: eids[whom],
        ConfirmationCode: code || undefined,
        ExpiresAt: toUtc(expires) || undefined,
      }}
      button={isInstalled ? 'Release it again' : 'Order it again'}
      fields={['Eid', 'ConfirmationCode', 'ExpiresAt']}
      check={() => ({
        Eid: whom === 'device' ? problemOfEid(eid) : undefined,
        ConfirmationCode: problemOfConfirmationCode(code),
        ExpiresAt: problemOfExpiry(expires),
      })}
      {...rest}
    >
      {(problemOf) => (
        <>
          <p>
            {isInstalled
              ? 'A new order gets the same subscription, with its ICCID and keys, and a new activation code. '
              : 'A new order takes the place of this one: same profile type, same callback URL. '}
            This order stays {status}, and both link to each other.
          </p>
          {!isInstalled && iccid !== null && (
            <Choices
              legend="Which subscription?"
              value={sim}
              onChoose={setSim}
              choices={[
                { value: 'other', label: 'Another one from stock' },
                {
                  value: 'same',
                  label: 'The same one again',
                  about: (
                    <>
                      ICCID <code class="long">{iccid}</code>. The server refuses that if a device
                      may have it.
                    </>
                  ),
                },
              ]}
            />
          )}
          <Choices<Whom>
            legend="Who may download it?"
            value={whom}
            onChoose={setWhom}
            choices={[
              { value: 'same', label: 'As it was ordered' },
              { value: 'anyone', label: 'Any device with the new activation code' },
              { value: 'device', label: 'Only one device, by its EID' },
            ]}
          />
          {whom === 'device' && (
            <Field
              label="EID"
              name="eid"
              value={eid}
              onInput={setEid}
              help={doubtOfEid(eid) ?? (last === null ? '32 digits.' : `Last time: ${last}`)}
              mono
              problem={problemOf('Eid')}
            />
          )}
          <ExpiryField
            label="Expires"
            help="If nobody has downloaded it by then, it fails."
            value={expires}
            onInput={setExpires}
            problem={problemOf('ExpiresAt')}
          />
          <Field
            label="New confirmation code (optional)"
            name="confirmation-code"
            value={code}
            onInput={setCode}
            help="If empty, as it was ordered."
            mono
            problem={problemOf('ConfirmationCode')}
          />
        </>
      )}
    </ActionDialog>
  );
}
