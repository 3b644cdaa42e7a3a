// The dialogs that change an order, by action.
import type { FunctionComponent } from 'preact';
import type { EsimProfile } from '../types.ts';
import { BindDialog } from './bind-dialog.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { CodeDialog } from './code-dialog.tsx';
import { ExpireDialog } from './expire-dialog.tsx';
import { LabelsDialog } from './labels-dialog.tsx';
import type { Action } from './order-actions.ts';
import { ReissueDialog } from './reissue-dialog.tsx';
import { ReorderDialog } from './reorder-dialog.tsx';

export interface OrderDialogProps {
  profile: EsimProfile;
  /** Of the profile, in the API. */
  path: string;
  onDone: (changed: EsimProfile) => void;
  /** The profile may be other than shown. */
  onRefused: () => void;
  onClose: () => void;
}

/** What has a dialog: the actions, and what can be changed in any status. */
export type Change = Action | 'labels';

export const ORDER_DIALOGS: Record<Change, FunctionComponent<OrderDialogProps>> = {
  reissue: ReissueDialog,
  bind: BindDialog,
  code: CodeDialog,
  expire: ExpireDialog,
  reorder: ReorderDialog,
  cancel: CancelDialog,
  labels: LabelsDialog,
};

/** What is announced once it is done. */
export const DONE: Record<Change, string> = {
  reissue: 'The activation code was replaced',
  bind: 'The device was changed',
  code: 'The confirmation code was set',
  expire: 'The expiry was changed',
  reorder: 'Ordered again',
  cancel: 'The order was cancelled',
  labels: 'Saved',
};
