// What is looked at by the checks of the PKI.
import type { Context } from '../../context.ts';
import type { VerifiedCrl } from '../../rsp/crl.ts';
import type { CrlPointRow } from '../../store/schema.ts';
import type { OperatorRegister } from '../operators/operator-trust.ts';
import type { StoredCertificate } from '../pki/pki-certificate.ts';

export interface Checked {
  certificates: readonly StoredCertificate[];
  /** With those whose time has passed. */
  crls: readonly VerifiedCrl[];
  /** Why stored CRLs are not used. */
  crlProblems: readonly string[];
  crlPoints: readonly CrlPointRow[];
  operators: OperatorRegister | undefined;
  config: Pick<Context['config'], 'smdpAddress' | 'outdatedCrl' | 'crlFetch' | 'es2Port' | 'smds'>;
  now: Date;
  /** By how much the clock of this machine is ahead of the database's. */
  aheadMs: number;
  /** Lets what has the keys that are not here sign with one of them. @returns what went wrong; undefined: nothing */
  prove?: Prove | undefined;
}

export type Prove = (
  one: Pick<StoredCertificate, 'role' | 'certificate'>,
) => Promise<string | undefined>;
