// Ways to make an eUICC misbehave, for testing servers.
import type { EuiccSigned1 } from '../rsp/definitions/authenticate-server.ts';
import type { EuiccCancelSessionSigned } from '../rsp/definitions/cancel-session.ts';
import type { EuiccPackageResultDataSigned } from '../rsp/definitions/euicc-package.ts';
import type {
  NotificationMetadata,
  ProfileInstallationResultData,
} from '../rsp/definitions/notification.ts';
import type { EUICCSigned2 } from '../rsp/definitions/prepare-download.ts';
import type { EuiccPackageErrorCode } from '../rsp/eim-codes.ts';
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
  | 'euiccCancelSessionSignature'
  | 'euiccSignEPR'
  | 'euiccSignEPE';

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
  /** Of an IoT eUICC (SGP.32): edits the result of a package before it is signed. */
  euiccPackageResultDataSigned?: (
    honest: EuiccPackageResultDataSigned,
  ) => EuiccPackageResultDataSigned;
  /** Refuses any package, with a signed error or an unsigned one. */
  euiccPackageError?: EuiccPackageErrorCode | 'unsigned';
  /** Signs results over eimSignature, as v1.0.1 has it. */
  signsEimSignature?: boolean;
  /** Executes packages whatever their counter value is. */
  ignoresCounterValue?: boolean;
  /** Leaves out of EUICCInfo2 what SGP.32 adds, for IPAs that drop it from what is signed. */
  tellsConsumerInfo?: boolean;
  /** Loses power after so many commands of a package. */
  commandsUntilInterruption?: number;
  /** Skips verification of the server's messages, to reach later steps. */
  trustsEverything?: boolean;
}
