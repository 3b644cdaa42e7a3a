import { profiles } from '../bulk/words.ts';
import { ActionDialog } from '../components/action-dialog.tsx';
import type { Batch } from '../types.ts';
import { BATCHES } from './batch-order.ts';
import './batches.css';

/** Ends a batch that is running; what it shows goes on changing with the batch. */
export function BatchCancelDialog({
  batch,
  onDone,
  onRefused,
  onClose,
}: {
  batch: Batch;
  onDone: () => void;
  onRefused: () => void;
  onClose: () => void;
}) {
  const { sid, ordered, pending, reserved } = batch;
  return (
    <ActionDialog
      title="Cancel this batch?"
      path={`${BATCHES}/${sid}/Cancel`}
      form={{}}
      button="Cancel the batch"
      danger
      onDone={onDone}
      onRefused={onRefused}
      onClose={onClose}
    >
      {() => (
        <>
          <ul class="batch-plan">
            <li>
              <strong>{pending.toLocaleString()}</strong>
              <span>
                {pending === 1 ? 'is' : 'are'} left, and will not be ordered. The batch goes on
                until you cancel it.
              </span>
            </li>
            <li>
              <strong>{ordered.toLocaleString()}</strong>
              <span>
                {ordered === 1 ? 'is' : 'are'} ordered, and {ordered === 1 ? 'stays' : 'stay'}, with
                activation codes that work. Cancel such orders in the list of eSIM Profiles.
              </span>
            </li>
            {reserved > 0 && (
              <li>
                <strong>{reserved.toLocaleString()}</strong>
                <span>
                  {reserved === 1 ? 'subscription' : 'subscriptions'} taken for the rest
                  {reserved === 1 ? ' returns' : ' return'} to stock.
                </span>
              </li>
            )}
          </ul>
          <p>
            A cancelled batch can’t be continued: what is left of it has to be ordered in another
            one{pending === 0 ? '' : `, for ${profiles(pending)} now`}.
          </p>
        </>
      )}
    </ActionDialog>
  );
}
