// What the server and the process of the module tell each other.
import type { CurveName } from '../rsp/curve.ts';
import type { HsmProblem } from './errors.ts';
import type { TokenName } from './uri.ts';

export interface Opening {
  kind: 'open';
  module: string;
  token: TokenName;
  pin: string | undefined;
  /** How many signatures at once. */
  sessions: number;
  /** Whether keys are made in the token. */
  isWriting: boolean;
  /** Whether somebody wants the PIN to be tried even after a wrong one. */
  isDeliberate: boolean;
}

export interface TokenInfo {
  module: {
    file: string;
    description: string;
    manufacturer: string;
    version: string;
    cryptoki: string;
  };
  token: Required<TokenName>;
  hardware: string;
  firmware: string;
  /** Those that were opened, which may be fewer than wanted. */
  sessions: number;
}

/** A private key of the token on a curve of RSP. */
export interface HsmKey {
  label: string;
  idHex: string;
  curve: CurveName;
  /** SubjectPublicKeyInfo; undefined: the token has no public key, and no certificate, of this ID. */
  spki: Uint8Array | undefined;
  /** Whether it can leave the token. */
  isExtractable: boolean;
  isSigning: boolean;
}

export type Request =
  | { kind: 'sign'; spki: Uint8Array; digest: Uint8Array }
  | { kind: 'generate'; label: string; curve: CurveName }
  | { kind: 'keys' }
  | { kind: 'ping' };

/** What the answer to each has. */
export interface Answers {
  sign: Uint8Array;
  generate: HsmKey;
  keys: HsmKey[];
  ping: null;
}

export type ToModule = Opening | { kind: 'end' } | { kind: 'do'; id: number; request: Request };

export interface Failure {
  problem: HsmProblem;
  message: string;
}

export type FromModule =
  | { kind: 'started' }
  | { kind: 'opened'; info: TokenInfo }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'undone'; id: number; failure: Failure };
