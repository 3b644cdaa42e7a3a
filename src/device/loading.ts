// A bound profile package on its way into the eUICC: how far it has come, and what was in it.
import type { BppProtection } from '../rsp/bpp-protection.ts';
import type { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { DerError } from '../rsp/der-error.ts';
import type { Encoded } from '../rsp/encoded.ts';
import type { BppCommandId, ErrorReason } from '../rsp/reasons.ts';
import { VerifyError } from '../rsp/verify-error.ts';

export interface Loading {
  /** The command that the next segment belongs to. */
  bppCommandId: BppCommandId;
  /** The tags that the next segment may begin with. */
  expects: readonly number[];
  /** Bytes that are still to come: of the package, and of the sequence of segments in it. */
  remaining: number;
  remainingInSequence: number;
  channel: BppProtection;
  /** Decrypted pieces of the metadata and of the profile. */
  readonly metadataPieces: Uint8Array[];
  readonly profilePieces: Uint8Array[];
  /** DER of dpProprietaryData. */
  dpProprietaryData?: Uint8Array;
  storeMetadataRequest?: Encoded<StoreMetadataRequest>;
}

/** A package that is refused, as the ProfileInstallationResult reports it (§2.5.6). */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly bppCommandId: BppCommandId;
  readonly errorReason: ErrorReason;
  /** EUICCResponse of the profile element that failed. */
  readonly simaResponse: Uint8Array | undefined;

  constructor(
    bppCommandId: BppCommandId,
    errorReason: ErrorReason,
    message: string,
    simaResponse?: Uint8Array,
  ) {
    super(message);
    this.bppCommandId = bppCommandId;
    this.errorReason = errorReason;
    this.simaResponse = simaResponse;
  }
}

/** Runs a step of a command; malformed bytes and wrong MACs become the command's error. */
export function attempt<T>(
  bppCommandId: BppCommandId,
  step: () => T,
  derErrorReason: ErrorReason = 'scp03tStructureError',
): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof DerError) throw new LoadError(bppCommandId, derErrorReason, error.message);
    if (!(error instanceof VerifyError)) throw error;
    throw new LoadError(bppCommandId, 'scp03tSecurityError', error.message);
  }
}
