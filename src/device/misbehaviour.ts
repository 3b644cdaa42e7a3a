// Ways to make an eUICC misbehave, for testing servers.
import type { EuiccSigned1 } from '../rsp/definitions/authenticate-server.ts';
import type { EuiccCancelSessionSigned } from '../rsp/definitions/cancel-session.ts';
import type {
  NotificationMetadata,
  ProfileInstallationResultData,
} from '../rsp/definitions/notification.ts';
import type { EUICCSigned2 } from '../rsp/definitions/prepare-download.ts';
import type {
  AuthenticateErrorCode,
  BppCommandId,
  DownloadErrorCode,
  ErrorReason,
} from '../rsp/reasons.ts';
import type { Credential } from './credential.ts';

/** The signatures of an eUICC by their names in the standard. */
export type SignatureName =
  | 'euiccSignature1'
  | 'euiccSignature2'
  | 'euiccSignPIR'
  | 'euiccNotificationSignature'
  | 'euiccCancelSessionSignature';

/** Everything is optional, and may be changed between calls. */
export interface EuiccMisbehaviour {
  /** Edits a structure before it is signed, so the signature is valid. */
  euiccSigned1?: (honest: EuiccSigned1) => EuiccSigned1;
  euiccSigned2?: (honest: EUICCSigned2) => EUICCSigned2;
  euiccCancelSessionSigned?: (honest: EuiccCancelSessionSigned) => EuiccCancelSessionSigned;
  profileInstallationResultData?: (
    honest: ProfileInstallationResultData,
  ) => ProfileInstallationResultData;
  notificationMetadata?: (honest: NotificationMetadata) => NotificationMetadata;
  /** Edits a signature. */
  signature?: (name: SignatureName, honest: Uint8Array) => Uint8Array;
  /** Sends these certificates and signs with this key: another EID, expired, wrong role. */
  credential?: Credential;
  /** Refuses any message. */
  authenticateErrorCode?: AuthenticateErrorCode;
  downloadErrorCode?: DownloadErrorCode;
  installationError?: { readonly bppCommandId: BppCommandId; readonly errorReason: ErrorReason };
  cancelSessionResponseError?: 'invalidTransactionId' | 'undefinedError';
  /** Makes a new one-time key although the server offers a kept one. */
  ignoresBppEuiccOtpk?: boolean;
  /** Skips verification of the server's messages, to reach later steps. */
  trustsEverything?: boolean;
}
