// The persistent state of an eUICC, as JSON. Bytes are stored as hexadecimal digits, DER as base64.
import type { CurveName } from '../rsp/curve.ts';
import type { CertificateBytes } from './credential.ts';

export interface EuiccState {
  readonly eid: string;
  /** One for each CI under which the eUICC is certified, in its order of preference. */
  readonly credentials: readonly CredentialState[];
  /** DER of the CI certificates that it trusts. */
  readonly cis: readonly string[];
  defaultDpAddress: string;
  /** The default SM-DP+ address that a memory reset restores. */
  readonly initialDpAddress: string;
  rootDsAddress: string;
  /** Bytes of memory for profiles, free and used. */
  readonly profileMemory: number;
  /** Policy rules that no profile may have (§2.4.12.1). */
  forbiddenProfilePolicyRules: readonly ('ppr1' | 'ppr2')[];
  nextSeqNumber: number;
  nextIsdp: number;
  profiles: ProfileState[];
  notifications: NotificationState[];
  oneTimeKeys: OneTimeKeyState[];
  /** Only of an IoT eUICC (SGP.32). */
  iot?: IotState;
}

/** What an IoT eUICC knows besides (SGP.32). */
export interface IotState {
  /** The associated eIMs. */
  eims: EimState[];
  /** Never used twice, so that packages from before an association are worthless. */
  nextAssociationToken: number;
  /** Results of eUICC packages that no eIM has acknowledged. */
  results: PackageResultState[];
  /** The profile with the fallback attribute, and the one that it has replaced. */
  fallbackIccid?: string | undefined;
  returnIccid?: string | undefined;
  /** While a device may go back to the profile before. */
  rollback?: RollbackState | undefined;
  immediateEnable: {
    isAllowed: boolean;
    readonly smdpOid?: string;
    readonly smdpAddress?: string;
  };
}

export interface EimState {
  /** DER of EimConfigurationData, without counter and token. */
  configuration: string;
  readonly associationToken?: number;
  /** The highest counter value of a package. */
  counterValue: number;
}

export interface PackageResultState {
  readonly seqNumber: number;
  /** DER of EuiccPackageResult. */
  readonly result: string;
}

export interface RollbackState {
  readonly enabledIccid: string;
  readonly previousIccid: string;
  /** DER of EuiccPackageResult of the package that allows it; replaced if the device goes back. */
  readonly result: string;
  readonly signing: ResultSigning;
}

/** How the result of a package is signed: kept, because the eIM may have deleted itself in it. */
export interface ResultSigning {
  readonly associationToken?: number | undefined;
  /** The CI whose key signs, if the eIM has chosen one. */
  readonly ciPKId?: string | undefined;
  readonly eimSignature: string;
}

/** PKCS #8 of the private key and the certificates above it. */
export type CredentialState = { readonly [K in 'privateKey' | keyof CertificateBytes]: string };

export interface ProfileState {
  readonly iccid: string;
  readonly isdpAid: string;
  isEnabled: boolean;
  nickname: string;
  /** DER of StoreMetadataRequest. */
  readonly metadata: string;
  /** DER of dpProprietaryData ('B8') in ConfigureISDPRequest, if the SM-DP+ sent it. */
  readonly dpProprietaryData?: string;
  /** The profile package in clear, as secret as the card. */
  readonly upp: string;
  /** The CI of the session that installed it; signs its notifications. */
  readonly ciPKId: string;
  /** The highest sequence number accepted in authentication. */
  sqn: string;
}

export interface NotificationState {
  readonly seqNumber: number;
  readonly event: NotificationEvent;
  readonly notificationAddress: string;
  readonly iccid?: string;
  /** DER of PendingNotification. */
  readonly pendingNotification: string;
}

export type NotificationEvent =
  'notificationInstall' | 'notificationEnable' | 'notificationDisable' | 'notificationDelete';

/** A one-time key pair of an interrupted download, which the server may offer again as bppEuiccOtpk (§5.7.5). */
export interface OneTimeKeyState {
  readonly smdpOid: string;
  readonly curve: CurveName;
  readonly otpk: string;
  readonly otsk: string;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
