// A download in progress, lost without power, and replaced by the next authentication.
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../rsp/certificate.ts';
import type { OneTimeKey } from '../rsp/session-keys.ts';
import type { Credential } from './credential.ts';
import type { Loading } from './loading.ts';

export interface EuiccSession {
  readonly transactionId: Uint8Array;
  readonly serverAddress: string;
  readonly smdpOid: string;
  /** The CI of CERT.DPauth, which must be that of CERT.DPpb. */
  readonly ci: Certificate;
  readonly credential: Credential;
  /** TLV of euiccSignature1, which smdpSignature2 covers. */
  readonly euiccSignature1: Uint8Array;
  prepared?: PreparedDownload;
}

export interface PreparedDownload {
  readonly oneTimeKey: OneTimeKey;
  /** Of CERT.DPpb. */
  readonly smdpPublicKey: KeyObject;
  loading?: Loading;
}
