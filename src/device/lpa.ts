// The LPA (§3.1): mediates between eUICC and SM-DP+ or SM-DS, makes its own checks, and informs the user.
import { parseActivationCode, type ActivationCode } from '../rsp/activation-code.ts';
import { CancelSessionRequest } from '../rsp/definitions/cancel-session.ts';
import {
  EuiccConfiguredAddressesResponse,
  GetEuiccChallengeResponse,
  NotificationSentRequest,
} from '../rsp/definitions/local-functions.ts';
import type { StoreMetadataRequest } from '../rsp/definitions/profile-metadata.ts';
import { formatTransactionId } from '../rsp/identifiers.ts';
import { cancelSessionReasons, type CancelSessionReason } from '../rsp/reasons.ts';
import { callEs10 } from './es10.ts';
import type { Euicc } from './euicc.ts';
import { fromBase64, type NotificationState } from './euicc-state.ts';
import { Es9Plus, Es9PlusError } from './es9plus.ts';
import type { Es9PlusTransport } from './es9plus-transport.ts';
import type { EventEntry } from './es11.ts';
import {
  authenticateMutually,
  retrieveEvents,
  type AuthenticatedSession,
} from './lpa-authentication.ts';
import { installBoundProfilePackage } from './lpa-installation.ts';
import { prepare } from './lpa-preparation.ts';
import { DeviceError } from './device-error.ts';

/** The steps of a download, in order; each is announced when done. */
export const downloadSteps = [
  'initiateAuthentication',
  'authenticateServer',
  'authenticateClient',
  'prepareDownload',
  'getBoundProfilePackage',
  'loadBoundProfilePackage',
  'handleNotification',
] as const;
export type DownloadStep = (typeof downloadSteps)[number];

export interface LpaOptions {
  readonly transport: Es9PlusTransport;
  /** 15 or 16 digits; its first 8 are the TAC. */
  readonly imei?: string;
  /** Whether an eIM verifies the profile metadata instead of the LPA (SGP.32, eimProfileMetadataVerification). */
  readonly isMetadataVerified?: boolean;
  /** Called after every step, with what was verified in it. An exception ends the download. */
  readonly onStep?: (step: DownloadStep, verified: string) => void;
  /** Manipulates the segments sent to the eUICC: omits, reorders, changes. */
  readonly segments?: (honest: readonly Uint8Array[]) => readonly Uint8Array[];
  /** Called before each segment; an exception leaves the package half loaded. */
  readonly beforeSegment?: (index: number) => void;
}

export interface DownloadOptions {
  readonly confirmationCode?: string | undefined;
  /** If false, leaves the notification pending, as after a lost connection. */
  readonly sendsNotification?: boolean;
}

export interface Download {
  readonly smdpAddress: string;
  readonly transactionId: Uint8Array;
  readonly iccid: string;
  readonly metadata: StoreMetadataRequest;
  /** DER of ProfileInstallationResult. */
  readonly profileInstallationResult: Uint8Array;
}

const IMEI = '356938035643809';

export class Lpa {
  readonly euicc: Euicc;
  /** The functions of ES9+, which tests may call one by one and out of order. */
  readonly es9: Es9Plus;
  readonly options: LpaOptions & { readonly imei: string };

  constructor(euicc: Euicc, options: LpaOptions) {
    this.euicc = euicc;
    this.es9 = new Es9Plus(options.transport);
    this.options = { imei: IMEI, ...options };
  }

  /** A complete download (§3.1.3) from an activation code, with or without `LPA:`. */
  async download(activationCode: string, options: DownloadOptions = {}): Promise<Download> {
    const parsed = parseActivationCode(activationCode);
    if (parsed === undefined) throw new DeviceError('This is not an activation code.');
    return this.#download(parsed, options);
  }

  /** A download from the default SM-DP+ (§3.1.3.2): by EID, without a matching ID. */
  async downloadFromDefault(
    smdpAddress = this.euicc.state.defaultDpAddress,
    options: DownloadOptions = {},
  ): Promise<Download> {
    if (smdpAddress === '') throw new DeviceError('This eUICC has no default SM-DP+ address.');
    return this.#download(
      { smdpAddress, matchingId: '', confirmationCodeRequired: false },
      options,
    );
  }

  /** The events that wait for this eUICC at an SM-DS (§3.6.2), in its order; by default, at the root SM-DS. */
  async discover(smdsAddress = this.rootDsAddress()): Promise<EventEntry[]> {
    if (smdsAddress === '') {
      throw new DeviceError('This eUICC has no root SM-DS address; name the SM-DS to ask.');
    }
    return retrieveEvents(this, smdsAddress);
  }

  /** A download of what waits behind an event (§3.1.3). */
  async downloadEvent(
    { rspServerAddress, eventId }: EventEntry,
    options: DownloadOptions = {},
  ): Promise<Download> {
    const code = { smdpAddress: rspServerAddress, matchingId: eventId };
    return this.#download({ ...code, confirmationCodeRequired: false }, options);
  }

  /** A download whose SM-DP+ and matching ID an eIM knows (SGP.32, eimDownloadDataHandling). */
  async downloadByEim(options: DownloadOptions = {}): Promise<Download> {
    return this.#download(
      { smdpAddress: '', matchingId: '', confirmationCodeRequired: false },
      options,
    );
  }

  async #download(code: ActivationCode, options: DownloadOptions): Promise<Download> {
    const { confirmationCode, sendsNotification = true } = options;
    // §3.1.3: ask the user before anything is sent.
    if (code.confirmationCodeRequired && confirmationCode === undefined) {
      throw new DeviceError('This activation code needs a confirmation code.');
    }
    const session = await authenticateMutually(this, code);
    const prepared = await prepare(this, session, confirmationCode);
    const download = await installBoundProfilePackage(this, session, prepared);
    if (sendsNotification) {
      await this.sendNotifications();
      this.announce('handleNotification', 'the SM-DP+ received the result signed by the eUICC');
    }
    return download;
  }

  announce(step: DownloadStep, verified: string): void {
    this.options.onStep?.(step, verified);
  }

  /** §3.0.2: the eUICC signs the cancellation, which is sent to the server. */
  async cancelSession(
    session: Pick<AuthenticatedSession, 'smdpAddress' | 'transactionId'>,
    reason: CancelSessionReason,
  ): Promise<void> {
    const { smdpAddress, transactionId } = session;
    const request = { transactionId, reason: cancelSessionReasons[reason] };
    const response = callEs10(this.euicc, CancelSessionRequest.encode(request));
    await this.es9.cancelSession(smdpAddress, formatTransactionId(transactionId), response);
  }

  /** §3.5: sends pending notifications in order; those accepted by the server are removed. */
  async sendNotifications(
    isWanted: (notification: NotificationState) => boolean = () => true,
  ): Promise<{ sent: NotificationState[]; failed: [NotificationState, Error][] }> {
    const sent: NotificationState[] = [];
    const failed: [NotificationState, Error][] = [];
    for (const notification of this.euicc.state.notifications.filter(isWanted)) {
      try {
        const { notificationAddress, pendingNotification } = notification;
        await this.es9.handleNotification(notificationAddress, fromBase64(pendingNotification));
        this.removeNotification(notification.seqNumber);
        sent.push(notification);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        failed.push([notification, error]);
      }
    }
    return { sent, failed };
  }

  removeNotification(seqNumber: number): void {
    callEs10(this.euicc, NotificationSentRequest.encode({ seqNumber }));
  }

  /** §5.7.3; empty: none. */
  rootDsAddress(): string {
    const response = callEs10(this.euicc, Uint8Array.of(0xbf, 0x3c, 0x00));
    return EuiccConfiguredAddressesResponse.decode(response).rootDsAddress;
  }

  /** Gets a new challenge from the eUICC, which ends its session. */
  euiccChallenge(): Uint8Array {
    const response = callEs10(this.euicc, Uint8Array.of(0xbf, 0x2e, 0x00));
    return GetEuiccChallengeResponse.decode(response).euiccChallenge;
  }

  euiccInfo1(): Uint8Array {
    return callEs10(this.euicc, Uint8Array.of(0xbf, 0x20, 0x00));
  }
}

/** Whether the server refused, rather than the device. */
export function isServerRefusal(error: unknown): error is Es9PlusError {
  return error instanceof Es9PlusError && error.subjectCode !== undefined;
}
