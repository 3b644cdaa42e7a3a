// The eUICC's side of a bound profile package (§2.5.6, §5.5): verifies, decrypts and parses it. Every failure has the
// command and the reason to report in the ProfileInstallationResult.
import type { KeyObject } from 'node:crypto';
import { BppProtection } from './bpp-protection.ts';
import { profileProtection, smdpSignedBytes } from './bound-profile-package.ts';
import {
  BoundProfilePackage,
  ConfigureISDPRequest,
  ReplaceSessionKeysRequest,
  remoteOpIds,
} from './definitions/bound-profile-package.ts';
import { StoreMetadataRequest } from './definitions/profile-metadata.ts';
import { DerError } from './der-error.ts';
import type { Encoded } from './encoded.ts';
import type { BppCommandId, ErrorReason } from './reasons.ts';
import { KEY_LENGTH, KEY_TYPE, agreeSessionKeys, type OneTimeKey } from './session-keys.ts';
import { isSignature } from './signature.ts';
import { VerifyError } from './verify-error.ts';

/** The eUICC refuses a bound profile package. */
export class InstallationError extends VerifyError {
  override readonly name = 'InstallationError';
  readonly bppCommandId: BppCommandId;
  readonly errorReason: ErrorReason;

  constructor(bppCommandId: BppCommandId, errorReason: ErrorReason, message: string) {
    super('package', 'bound-profile-package', message);
    this.bppCommandId = bppCommandId;
    this.errorReason = errorReason;
  }
}

/** What the eUICC knows about the session. */
export interface InstallationSession {
  readonly transactionId: Uint8Array;
  /** 16 bytes. */
  readonly eid: Uint8Array;
  /** The key pair of EUICCSigned2. */
  readonly oneTimeKey: OneTimeKey;
  /** The key of CERT.DPpb. */
  readonly smdpPublicKey: KeyObject;
}

/** The contents of the package. */
export interface OpenedProfilePackage {
  readonly configureISDPRequest: ConfigureISDPRequest;
  readonly storeMetadataRequest: Encoded<StoreMetadataRequest>;
  /** Whether the profile was protected by its own keys. */
  readonly hasReplacedSessionKeys: boolean;
  readonly upp: Uint8Array;
}

/** Opens the DER of a BoundProfilePackage. Throws `InstallationError`, nothing else. */
export function openBoundProfilePackage(
  der: Uint8Array,
  session: InstallationSession,
): OpenedProfilePackage {
  const bpp = attempt(
    'initialiseSecureChannel',
    () => BoundProfilePackage.decode(der),
    'incorrectInputValues',
  );
  const secureChannel = initialiseSecureChannel(bpp, session);

  const configureISDPRequest = attempt('configureISDP', () =>
    ConfigureISDPRequest.decode(secureChannel.unprotect(0x87, bpp.firstSequenceOf87)),
  );
  const storeMetadataRequest = attempt('storeMetadata', () => {
    const metadata = secureChannel.unprotect(0x88, bpp.sequenceOf88);
    return { value: StoreMetadataRequest.decode(metadata), der: metadata };
  });
  const { secondSequenceOf87 } = bpp;
  const profileChannel =
    secondSequenceOf87 === undefined
      ? secureChannel
      : attempt('replaceSessionKeys', () =>
          profileProtection(
            ReplaceSessionKeysRequest.decode(secureChannel.unprotect(0x87, secondSequenceOf87)),
          ),
        );
  const upp = attempt('loadProfileElements', () =>
    profileChannel.unprotect(0x86, bpp.sequenceOf86),
  );
  return {
    configureISDPRequest,
    storeMetadataRequest,
    hasReplacedSessionKeys: secondSequenceOf87 !== undefined,
    upp,
  };
}

/** §5.5.1: the checks of InitialiseSecureChannel, and the secure channel after it. */
function initialiseSecureChannel(
  { initialiseSecureChannelRequest: { value: request, der } }: BoundProfilePackage,
  { transactionId, eid, oneTimeKey, smdpPublicKey }: InstallationSession,
): BppProtection {
  const { keyType, keyLen, hostId } = request.controlRefTemplate;
  const signed = smdpSignedBytes(der, oneTimeKey.otpk);
  if (!isSignature(smdpPublicKey, request.smdpSign, signed)) {
    refuse('invalidSignature', 'smdpSign is wrong');
  }
  if (request.remoteOpId !== remoteOpIds.installBoundProfilePackage) {
    refuse('unsupportedRemoteOperationType', `remoteOpId ${request.remoteOpId}`);
  }
  if (Buffer.compare(request.transactionId, transactionId) !== 0) {
    refuse('invalidTransactionId', 'the package is from another session');
  }
  if (keyType[0] !== KEY_TYPE || keyLen[0] !== KEY_LENGTH) {
    refuse('unsupportedCrtValues', `key type ${keyType[0]}, length ${keyLen[0]}`);
  }
  return attempt(
    'initialiseSecureChannel',
    () => new BppProtection(agreeSessionKeys(oneTimeKey, request.smdpOtpk, hostId, eid)),
    'incorrectInputValues',
  );
}

function refuse(errorReason: ErrorReason, message: string): never {
  throw new InstallationError('initialiseSecureChannel', errorReason, message);
}

/** Runs a step of a command and converts its errors to that command's. */
function attempt<T>(bppCommandId: BppCommandId, step: () => T, errorReason?: ErrorReason): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    const reason = error instanceof DerError ? 'scp03tStructureError' : 'scp03tSecurityError';
    throw new InstallationError(bppCommandId, errorReason ?? reason, error.message);
  }
}
