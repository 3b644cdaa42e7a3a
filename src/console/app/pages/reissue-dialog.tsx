import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { problemOfConfirmationCode } from './order.ts';
import type { OrderDialogProps } from './order-dialogs.tsx';

/** Gives the order another matching ID, and so another activation code, or its first one. */
export function ReissueDialog({ profile, path, ...rest }: OrderDialogProps) {
  const [matchingId, setMatchingId] = useState('');
  const [code, setCode] = useState('');
  const isFirst = profile.matching_id === null;
  return (
    <ActionDialog
      title={isFirst ? 'Give it an activation code?' : 'Replace the activation code?'}
      path={`${path}/MatchingId`}
      form={{
        MatchingId: matchingId.trim() || undefined,
        ConfirmationCode: code || undefined,
      }}
      button={isFirst ? 'Create the code' : 'Replace the code'}
      fields={['MatchingId', 'ConfirmationCode']}
      check={() => ({ ConfirmationCode: problemOfConfirmationCode(code) })}
      {...rest}
    >
      {(problemOf) => (
        <>
          {isFirst ? (
            <p>
              The profile gets a matching ID, an activation code and a QR code. Only the device with
              EID <code class="long">{profile.eid}</code> can use them; it no longer finds the
              profile without a code.
            </p>
          ) : (
            <>
              <p>
                <strong>The old code and its QR code stop working at once</strong>, also for a
                device that has begun to download with them. Subscription, ICCID and SID stay.
              </p>
              <p>
                Install links keep working, and show the new code: if one got into the wrong hands,
                revoke it first.
              </p>
            </>
          )}
          <Field
            label="Matching ID of your own (optional)"
            name="matching-id"
            value={matchingId}
            onInput={(text) => setMatchingId(text.toUpperCase())}
            help="8 to 128 capital letters, digits and dashes that nobody can guess. If empty, the server makes one."
            mono
            problem={problemOf('MatchingId')}
          />
          <Field
            label="New confirmation code (optional)"
            name="confirmation-code"
            value={code}
            onInput={setCode}
            help="If empty, it stays as it was ordered."
            mono
            problem={problemOf('ConfirmationCode')}
          />
        </>
      )}
    </ActionDialog>
  );
}
