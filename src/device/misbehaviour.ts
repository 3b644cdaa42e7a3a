// How an eUICC can be told to misbehave: what a test of a server needs and no card does.
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

/** Everything is optional; each may be set, changed and deleted between two calls. */
export interface EuiccMisbehaviour {
  /** Edits a structure before it is signed, so that the signature fits the lie. */
  euiccSigned1?: (honest: EuiccSigned1) => EuiccSigned1;
  euiccSigned2?: (honest: EUICCSigned2) => EUICCSigned2;
  euiccCancelSessionSigned?: (honest: EuiccCancelSessionSigned) => EuiccCancelSessionSigned;
  profileInstallationResultData?: (
    honest: ProfileInstallationResultData,
  ) => ProfileInstallationResultData;
  notificationMetadata?: (honest: NotificationMetadata) => NotificationMetadata;
  /** Edits a signature. */
  signature?: (name: SignatureName, honest: Uint8Array) => Uint8Array;
  /** Sends these certificates, signs with this key: another EID, expired, of a wrong role. */
  credential?: Credential;
  /** Refuses, whatever came. */
  authenticateErrorCode?: AuthenticateErrorCode;
  downloadErrorCode?: DownloadErrorCode;
  installationError?: { readonly bppCommandId: BppCommandId; readonly errorReason: ErrorReason };
  cancelSessionResponseError?: 'invalidTransactionId' | 'undefinedError';
  /** Makes a new one-time key although the server offers one that is kept. */
  ignoresBppEuiccOtpk?: boolean;
  /** Skips the verification of what the server sends, so that later steps can be reached. */
  trustsEverything?: boolean;
}
