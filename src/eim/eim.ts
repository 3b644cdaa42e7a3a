// What the rules of the eIM need.
import type { Context } from '../context.ts';
import type { BulkKey } from '../store/bulk-operations.ts';
import type { Es9Plus } from './es9plus.ts';
import type { EimKeyRing } from './server-keys.ts';

export interface Eim {
  keys: EimKeyRing;
  es9plus: Es9Plus;
  /** Told when an operation of a bulk operation was handed out. */
  handedOut?: (bulk: BulkKey) => void;
}

export type EimContext = Pick<Context, 'config' | 'log' | 'now' | 'pki' | 'store' | 'transact'> & {
  eim: Eim;
};
