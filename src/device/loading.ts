// A bound profile package being loaded into the eUICC: its progress, and its contents so far.
import type { BppProtection } from '../rsp/bpp-protection.ts';
import type { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { DerError } from '../rsp/der-error.ts';
import type { Encoded } from '../rsp/encoded.ts';
import type { BppCommandId, ErrorReason } from '../rsp/reasons.ts';
import { VerifyError } from '../rsp/verify-error.ts';

export interface Loading {
  /** The command to which the next segment belongs. */
  bppCommandId: BppCommandId;
  /** The tags with which the next segment may begin. */
  expects: readonly number[];
  /** Bytes still to come of the package, and of the current sequence of segments. */
  remaining: number;
  remainingInSequence: number;
  /** What has come of a sequence of '87', some of which follow their header one by one. */
  sequenceOf87: Uint8Array[];
  channel: BppProtection;
  /** Decrypted pieces of the metadata and of the profile. */
  readonly metadataPieces: Uint8Array[];
  readonly profilePieces: Uint8Array[];
  /** DER of dpProprietaryData. */
  dpProprietaryData?: Uint8Array;
  storeMetadataRequest?: Encoded<StoreMetadataRequest>;
}

/** The eUICC refuses a package; reported in the ProfileInstallationResult (§2.5.6). */
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

/** Runs a step of a command; malformed bytes and wrong MACs become errors of that command. */
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
