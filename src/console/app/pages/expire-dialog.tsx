import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { ExpiryField } from '../components/expiry-field.tsx';
import { problemOfExpiry, toLocal, toUtc } from '../local-time.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** Sets or removes the time at which an order ends that nobody has downloaded. */
export function ExpireDialog({ profile, path, ...rest }: OrderDialogProps) {
  const { expires_at: set } = profile;
  const [expires, setExpires] = useState(set === undefined ? '' : toLocal(new Date(set)));
  return (
    <ActionDialog
      title="When does this order expire?"
      path={path}
      form={{ ExpiresAt: toUtc(expires) }}
      button="Save"
      fields={['ExpiresAt']}
      check={() => ({ ExpiresAt: problemOfExpiry(expires) })}
      {...rest}
    >
      {(problemOf) => (
        <>
          <p>
            If no device has downloaded the profile by then, the order becomes{' '}
            <strong>failed</strong>, its code stops working, and its subscription returns to stock.
          </p>
          <ExpiryField
            label="Expires"
            help="In your local time. Never: it stays available until it is downloaded or cancelled."
            value={expires}
            onInput={setExpires}
            problem={problemOf('ExpiresAt')}
          />
        </>
      )}
    </ActionDialog>
  );
}
