// What the rules of the eIM need.
import type { Context } from '../context.ts';
import type { Es9Plus } from './es9plus.ts';
import type { EimKeyRing } from './server-keys.ts';

export interface Eim {
  keys: EimKeyRing;
  es9plus: Es9Plus;
  /** That of an order, if it has one that is kept. */
  confirmationCodeOf(accountSid: string, orderSid: string): Promise<string | undefined>;
}

export type EimContext = Pick<
  Context,
  'config' | 'log' | 'masterKey' | 'now' | 'pki' | 'store' | 'transact'
> & {
  eim: Eim;
};
