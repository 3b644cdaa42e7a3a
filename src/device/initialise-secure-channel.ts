// ES8+.InitialiseSecureChannel, §5.5.1: the eUICC's checks, then the secure channel.
import { smdpSignedBytes } from '../rsp/bound-profile-package.ts';
import { BppProtection } from '../rsp/bpp-protection.ts';
import {
  InitialiseSecureChannelRequest,
  remoteOpIds,
} from '../rsp/definitions/bound-profile-package.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import type { ErrorReason } from '../rsp/reasons.ts';
import { KEY_LENGTH, KEY_TYPE, agreeSessionKeys } from '../rsp/session-keys.ts';
import { isSignature } from '../rsp/signature.ts';
import { VerifyError } from '../rsp/verify-error.ts';
import type { Euicc } from './euicc.ts';
import { LoadError, attempt } from './loading.ts';
import type { EuiccSession, PreparedDownload } from './session.ts';

export function initialiseSecureChannel(
  euicc: Euicc,
  session: EuiccSession,
  { oneTimeKey, smdpPublicKey }: PreparedDownload,
  der: Uint8Array,
): BppProtection {
  const request = attempt('initialiseSecureChannel', () =>
    InitialiseSecureChannelRequest.decode(der),
  );
  if (request.remoteOpId !== remoteOpIds.installBoundProfilePackage) {
    refuse('unsupportedRemoteOperationType', `remoteOpId ${request.remoteOpId}`);
  }
  // §5.5.1: the package must be for this session, even if its one-time key is an older one.
  if (Buffer.compare(request.transactionId, session.transactionId) !== 0) {
    refuse('invalidTransactionId', 'the package is from another session');
  }
  const { keyType, keyLen, hostId } = request.controlRefTemplate;
  if (keyType[0] !== KEY_TYPE || keyLen[0] !== KEY_LENGTH) {
    refuse('unsupportedCrtValues', `key type ${keyType[0]}, length ${keyLen[0]}`);
  }
  const signed = smdpSignedBytes(der, oneTimeKey.otpk);
  if (!isSignature(smdpPublicKey, request.smdpSign, signed)) {
    refuse('invalidSignature', 'smdpSign is wrong');
  }
  try {
    const eid = encodeEid(euicc.eid);
    return new BppProtection(agreeSessionKeys(oneTimeKey, request.smdpOtpk, hostId, eid));
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return refuse('incorrectInputValues', error.message);
  }
}

function refuse(errorReason: ErrorReason, message: string): never {
  throw new LoadError('initialiseSecureChannel', errorReason, message);
}
