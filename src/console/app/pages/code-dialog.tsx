import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { asksForCode } from './next-step.ts';
import { problemOfConfirmationCode } from './order.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** Sets another confirmation code, or the first one. */
export function CodeDialog({ profile, path, ...rest }: OrderDialogProps) {
  const [code, setCode] = useState('');
  const activationCode = profile.activation_code ?? '';
  return (
    <ActionDialog
      title="Set a confirmation code"
      path={path}
      form={{ ConfirmationCode: code }}
      button="Set the code"
      fields={['ConfirmationCode']}
      check={() => ({
        ConfirmationCode: code === '' ? 'Enter a code.' : problemOfConfirmationCode(code),
      })}
      {...rest}
    >
      {(problemOf) => (
        <>
          <p>
            The user must enter it on the device before the download.{' '}
            {asksForCode(activationCode) || activationCode === ''
              ? 'It replaces the one that was ordered, which is refused from then on.'
              : 'The QR code then tells the device to ask for it, so send the new QR code: with the old one, some devices would not ask.'}{' '}
            It can be replaced, but not removed.
          </p>
          <Field
            label="Confirmation code"
            name="confirmation-code"
            value={code}
            onInput={setCode}
            help="4 to 64 letters, digits or symbols. It isn’t shown again: send it separately from the activation code."
            mono
            problem={problemOf('ConfirmationCode')}
          />
        </>
      )}
    </ActionDialog>
  );
}
