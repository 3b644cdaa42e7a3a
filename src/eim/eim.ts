// What the rules of the eIM need.
import type { Context } from '../context.ts';
import type { BulkKey } from '../store/bulk-operations.ts';
import type { Unit } from '../unit.ts';
import type { Es9Plus } from './es9plus.ts';
import type { EimKeyRing } from './server-keys.ts';

export interface Eim {
  keys: EimKeyRing;
  es9plus: Es9Plus;
  /** Enters into the history of the order with an ICCID, if the account has one, what its eUICC has done with the profile. */
  noteOnOrder: NoteOnOrder;
  /** That of an order, if it has one that is kept. */
  confirmationCodeOf(accountSid: string, orderSid: string): Promise<string | undefined>;
  /** Told when an operation of a bulk operation was handed out. */
  handedOut?: (bulk: BulkKey) => void;
}

export type NoteOnOrder = (
  accountSid: string,
  iccid: string,
  said: { name: DoneName; operation: string; isSigned: boolean },
  unit: Unit,
) => Promise<void>;

export type DoneName = 'enable' | 'disable' | 'delete' | 'setFallbackAttribute';

export type EimContext = Pick<
  Context,
  'config' | 'log' | 'masterKey' | 'now' | 'pki' | 'store' | 'transact'
> & {
  eim: Eim;
};
