// What a rule or an edge may use, passed as the last argument.
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { OperatorFunctions, SmdpFunctions } from './es2plus/functions.ts';
import type { MasterKey } from './process/keys.ts';
import type { LoopName } from './process/loop.ts';
import type { Pki } from './smdp/pki/pki.ts';
import type { Store } from './store/store.ts';
import type { Unit, Units } from './unit.ts';

export interface Context extends Units {
  config: Config;
  /** For reading; what is written goes through `transact` and `append`. */
  store: Store;
  masterKey: MasterKey;
  /** The certificates of the SM-DP+, and the CIs that it trusts, as far as they are valid now. */
  pki: Pki;
  /** ES2+ as an account, which is an operator, calls it: the SM-DP+ takes part in the unit. */
  smdp: (accountSid: string, unit: Unit) => SmdpFunctions;
  /** ES2+ as the SM-DP+ calls it: the operator whose profile it is takes part in the unit. */
  operator: (accountSid: string, unit: Unit) => OperatorFunctions;
  /** The time that all who use the database go by. */
  now: () => Date;
  log: Logger;
  /** Tells a background loop that there is work for it; what is written does so by its unit. */
  wake: (loop: LoopName) => void;
  /** Base of every URL in an answer, without a trailing slash. */
  publicUrl: string;
}
