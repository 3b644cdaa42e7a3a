// The dependencies of rules and edges, passed as the last argument.
import type { Logger } from 'pino';
import type { DeniedRequests } from './audit/denied.ts';
import type { Config } from './config.ts';
import type { Eim } from './eim/eim.ts';
import type { OperatorFunctions, SmdpFunctions } from './es2plus/functions.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Admission } from './process/admission.ts';
import type { Turns } from './process/turns.ts';
import type { MasterKey } from './process/keys.ts';
import type { LoopName } from './process/loop.ts';
import type { Draining } from './process/draining.ts';
import type { Peers } from './process/peers.ts';
import type { ServerCounts } from './process/server-counts.ts';
import type { Pki } from './smdp/pki/pki.ts';
import type { Rented } from './operator/rented/rented.ts';
import type { SmdpTask } from './operator/rented/task.ts';
import type { BeginRehearsal } from './rehearsal/rehearse.ts';
import type { Signing } from './signing.ts';
import type { Store } from './store/store.ts';
import type { Tracer } from './traces/tracer.ts';
import type { Unit, Units } from './unit.ts';
import type { TestReceiver } from './webhook/test-receiver.ts';

export interface Context extends Units {
  config: Config;
  /** For reading; writes go through `transact` and `append`. */
  store: Store;
  masterKey: MasterKey;
  /** The certificates of the SM-DP+ and the CIs that it trusts, as far as currently valid. */
  pki: Pki;
  /** ES2+ as called by an account, the operator. For the unit, the SM-DP+ works within it. */
  smdp: (accountSid: string, unit: Unit, on: SmdpTask) => SmdpFunctions;
  /** What is otherwise with a rented SM-DP+; undefined: with the built-in one. */
  rented?: Rented | undefined;
  /** Undefined: there is no eIM. */
  eim?: Eim | undefined;
  /** ES2+ as called by the SM-DP+; the operator of the profile works within the unit. */
  operator: (accountSid: string, unit: Unit) => OperatorFunctions;
  /** The time shared by all users of the database. */
  now: () => Date;
  log: Logger;
  /** Wakes a background loop because there is work; for writes, their unit does so. */
  wake: (loop: LoopName) => void;
  /** Sends a test to the receiver of callbacks. */
  testReceiver: TestReceiver;
  /** Begins the life of a test profile. The virtual phone is loaded when the first one begins. */
  beginRehearsal: BeginRehearsal;
  /** What this process takes on at once. */
  admission: Admission;
  /** Requests that were denied, for the audit log. */
  denied: DeniedRequests;
  /** When this process does what it has taken on. */
  turns: Turns;
  draining: Draining;
  /** The other workers of this server. */
  peers: Peers;
  counts: ServerCounts;
  /** What this process counts about itself. */
  metrics: Metrics;
  /** Signs for DPauth and DPpb whose keys are elsewhere. Undefined: with a rented SM-DP+. */
  signing?: Signing | undefined;
  /** Undefined: traces are not recorded. */
  tracer?: Tracer | undefined;
  /** Base of every URL in a response, without a trailing slash. */
  publicUrl: string;
}
