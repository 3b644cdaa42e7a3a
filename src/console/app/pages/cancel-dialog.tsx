import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Choices } from '../components/choices.tsx';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** SGP.22 §5.3.3 finalProfileStatusIndicator. */
type Final = 'Available' | 'Unavailable';

/** Ends an order. Once its package has left, its subscription can never be used again. */
export function CancelDialog({ profile, path, ...rest }: OrderDialogProps) {
  const [chosen, setChosen] = useState<Final>('Available');
  const hasLeft = profile.status === 'downloaded';
  const final = hasLeft ? 'Unavailable' : chosen;
  return (
    <ActionDialog
      title="Cancel this order?"
      path={`${path}/Cancel`}
      form={{ FinalProfileStatusIndicator: final }}
      button="Cancel the order"
      danger
      {...rest}
    >
      {() =>
        hasLeft ? (
          <>
            <p>
              The order becomes <strong>failed</strong>, and no device can download the profile any
              more.
            </p>
            <p>
              But the device with EID <code class="long">{profile.eid}</code> has downloaded it
              already: it may install it at any time, and nobody can call that back. So its
              subscription is never given to anybody else, and what the device still reports goes
              into the history.
            </p>
          </>
        ) : (
          <>
            <p>
              The order becomes <strong>failed</strong>
              {profile.activation_code !== null &&
                ', and its activation code stops working at once'}
              . This can’t be undone, but you can order it again.
            </p>
            <Choices<Final>
              legend="What becomes of its subscription?"
              value={chosen}
              onChoose={setChosen}
              choices={[
                {
                  value: 'Available',
                  label: 'Return it to stock',
                  about: 'The next order may get it.',
                },
                {
                  value: 'Unavailable',
                  label: 'Never use it again',
                  about: 'Its ICCID and keys stay out of stock for good.',
                },
              ]}
            />
          </>
        )
      }
    </ActionDialog>
  );
}
