// The IPA in the device (SGP.32 §3.1.1.1): fetches what the eIM has for the eUICC, carries it out, and returns what came of it.
import type {
  EimPackageResult,
  GetEimPackageRequest,
  TransferEimPackageRequest,
  TransferEimPackageResponse,
} from '../../rsp/definitions/esipa.ts';
import {
  EuiccPackageResult,
  type EuiccPackageRequest,
} from '../../rsp/definitions/euicc-package.ts';
import type {
  IpaEuiccDataRequest,
  IpaEuiccDataResponse,
  ProfileDownloadTriggerRequest,
} from '../../rsp/definitions/eim-package.ts';
import {
  GetEimConfigurationDataResponse,
  ImmediateEnableRequest,
  IotRetrieveNotificationsListRequest,
  IotRetrieveNotificationsListResponse,
  ProfileRollbackRequest,
  ProfileRollbackResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { NotificationSentRequest } from '../../rsp/definitions/local-functions.ts';
import {
  eimPackageResultErrorCodes,
  stateChangeCauses,
  type StateChangeCause,
} from '../../rsp/eim-codes.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { encodeEid } from '../../rsp/identifiers.ts';
import { DeviceError, EuiccError } from '../device-error.ts';
import { callEs10 } from '../es10.ts';
import type { Euicc } from '../euicc.ts';
import { Es9PlusError } from '../es9plus.ts';
import type { Es9PlusTransport } from '../es9plus-transport.ts';
import { Lpa, type Download } from '../lpa.ts';
import { compactNotification } from './compact-messages.ts';
import { downloadDirectly } from './direct-download.ts';
import { ConnectionError, EimBusy, type EsipaTransport } from './esipa-transport.ts';
import { EsipaError, getEimPackage, provideEimPackageResult } from './esipa.ts';
import { readEuiccData } from './euicc-data.ts';
import { packageInWords } from './package-words.ts';
import { RelayTransport } from './relay-transport.ts';
import { downloadTriggered } from './triggered-download.ts';

export const ipaSteps = ['euiccPackage', 'euiccData', 'download', 'rollback', 'failed'] as const;
export type IpaStep = (typeof ipaSteps)[number];

/** Those of IpaCapabilities that are settings of this IPA. */
export const ipaFeatures = [
  'eimDownloadDataHandling',
  'eimCtxParams1Generation',
  'eimProfileMetadataVerification',
  'minimizeEsipaBytes',
] as const;
export type IpaFeature = (typeof ipaFeatures)[number];

export interface IpaOptions {
  readonly transport: EsipaTransport;
  /** The eIM behind the transport; by default, the first one that the eUICC knows. */
  readonly eimId?: string;
  /** 15 digits. */
  readonly imei?: string;
  /** To SM-DP+s and SM-DSs: the IPA then downloads from them itself, not through the eIM. */
  readonly direct?: Es9PlusTransport;
  /** What it leaves to the eIM, and tells it so. */
  readonly features?: readonly IpaFeature[];
  /** How often a call is repeated that got no answer; 2 by default. */
  readonly retries?: number;
  /** Called with what was done with each package. */
  readonly onStep?: (step: IpaStep, what: string) => void;
}

/** What is answered at once, and what is done then. */
export interface Transferred {
  readonly answer: TransferEimPackageResponse;
  readonly later?: () => Promise<void>;
}

type ResultOfPackage = Extract<
  EimPackageResult,
  { euiccPackageResult: unknown } | { ePRAndNotifications: unknown }
>;

const IMEI = '356938035643809';
const RETRIES = 2;
/** An eIM that always has something must not keep the device awake forever. */
const MOST_PACKAGES = 100;

export class Ipa {
  readonly euicc: Euicc;
  readonly #options: IpaOptions;
  readonly #eidValue: Uint8Array;

  constructor(euicc: Euicc, options: IpaOptions) {
    this.euicc = euicc;
    this.#options = options;
    this.#eidValue = encodeEid(euicc.eid);
  }

  /** Until the eIM has nothing left. @returns how many packages there were */
  async poll(changed?: StateChangeCause): Promise<number> {
    await this.provideKept();
    const { eimId } = this;
    let cause = changed;
    for (let count = 0; count < MOST_PACKAGES; count += 1) {
      if (!(await this.pollOnce(cause))) return count;
      cause = undefined;
      // A package may have made the eUICC forget it.
      if (!this.#eimIds.includes(eimId)) return count + 1;
    }
    return MOST_PACKAGES;
  }

  /** @returns whether there was a package */
  async pollOnce(changed?: StateChangeCause): Promise<boolean> {
    await this.#sendKept();
    const request: GetEimPackageRequest = {
      eidValue: this.#eidValue,
      ...(changed === undefined
        ? {}
        : { notifyStateChange: null, stateChangeCause: stateChangeCauses[changed] }),
    };
    const found = await this.#retried(() => getEimPackage(this.#options.transport, request));
    if (found === undefined) return false;
    if (found.euiccPackageRequest !== undefined) await this.#load(found.euiccPackageRequest);
    else if (found.profileDownloadTriggerRequest !== undefined) {
      await this.#download(found.profileDownloadTriggerRequest);
    } else {
      const response = this.#readData(found.ipaEuiccDataRequest);
      await this.#provide({ ipaEuiccDataResponse: response });
    }
    return true;
  }

  /** SGP.32 §3.1.1.2: what the eIM sends by itself. A package that changes the network is carried out once that is answered. */
  transferred(request: TransferEimPackageRequest): Transferred {
    const {
      euiccPackageRequest: loaded,
      profileDownloadTriggerRequest: trigger,
      ipaEuiccDataRequest: asked,
    } = request;
    const received = { eimPackageReceived: null };
    if (trigger !== undefined) return { answer: received, later: () => this.#download(trigger) };
    if (asked !== undefined) return { answer: { ipaEuiccDataResponse: this.#readData(asked) } };
    if (loaded !== undefined) {
      if (mayChangeNetwork(loaded.value)) {
        return { answer: received, later: () => this.#load(loaded) };
      }
      return { answer: this.#withNotifications(this.#execute(loaded)) };
    }
    for (const seqNumber of request.eimAcknowledgements) {
      callEs10(this.euicc, NotificationSentRequest.encode({ seqNumber }));
    }
    return { answer: received };
  }

  #readData(request: IpaEuiccDataRequest): IpaEuiccDataResponse {
    const { euicc, eimId } = this;
    const { imei = IMEI, direct, features = [] } = this.#options;
    const device = { euicc, eimId, imei, isDirect: direct !== undefined, features };
    const response = readEuiccData(device, request);
    const names = Object.keys(response.ipaEuiccData ?? {})
      .filter((name) => name !== 'eimTransactionId')
      .join(', ');
    this.#tell('euiccData', names === '' ? 'refused a tagList' : `told ${names}`);
    return response;
  }

  get eimId(): string {
    const eimId = this.#options.eimId ?? this.#eimIds[0];
    if (eimId === undefined) throw new DeviceError('This eUICC has no eIM.');
    return eimId;
  }

  get #eimIds(): string[] {
    const der = callEs10(this.euicc, Uint8Array.of(0xbf, 0x55, 0x00));
    const { eimConfigurationDataList } = GetEimConfigurationDataResponse.decode(der);
    return eimConfigurationDataList.map(({ eimId }) => eimId);
  }

  /** SGP.32 §3.3.1. */
  async #load(request: Encoded<EuiccPackageRequest>): Promise<void> {
    const result = this.#execute(request);
    const { psmoList = [] } = request.value.euiccPackageSigned.value.euiccPackage;
    const mayRollBack = psmoList.some(({ enable }) => enable?.rollbackFlag !== undefined);
    try {
      await this.#provideResult(result);
    } catch (error) {
      // SGP.32 §3.4.1: the profile that was enabled has no connectivity.
      const isCutOff = error instanceof ConnectionError && !(error instanceof EimBusy);
      if (!isCutOff || !mayRollBack) throw error;
      await this.#rollBack(error);
    }
  }

  #execute({ value, der }: Encoded<EuiccPackageRequest>): Uint8Array {
    const result = callEs10(this.euicc, der);
    this.#tell('euiccPackage', packageInWords(value, EuiccPackageResult.decode(result)));
    return result;
  }

  async #rollBack(reason: Error): Promise<void> {
    const request = ProfileRollbackRequest.encode({ refreshFlag: true });
    const { eUICCPackageResult } = ProfileRollbackResponse.decode(callEs10(this.euicc, request));
    if (eUICCPackageResult === undefined) throw reason;
    const enabled = this.euicc.state.profiles.find(({ isEnabled }) => isEnabled);
    this.#tell('rollback', `went back to ${enabled?.iccid ?? 'no profile'}: ${reason.message}`);
    await this.#provideResult(eUICCPackageResult.der);
  }

  /** Its results that it has not acknowledged: without them, the eIM would send their packages again. */
  async provideKept(): Promise<void> {
    const request = IotRetrieveNotificationsListRequest.encode({
      searchCriteria: { euiccPackageResults: null },
    });
    const { euiccPackageResultList: kept = [] } = IotRetrieveNotificationsListResponse.decode(
      callEs10(this.euicc, request),
    );
    for (const euiccPackageResult of kept) {
      if (eimIdOf(euiccPackageResult.value) !== this.eimId) continue;
      try {
        await this.#provide({ euiccPackageResult });
      } catch (error) {
        // What the eIM does not take must not keep it from being polled.
        if (!(error instanceof EsipaError)) throw error;
        this.#tell('failed', error.message);
      }
    }
  }

  /** SGP.32 §3.7: notifications that were not taken over: without that of an installation, the eIM would have it downloaded again. */
  async #sendKept(): Promise<void> {
    if (this.euicc.state.notifications.length === 0) return;
    const relay = new RelayTransport(this.#options.transport, { compactFor: this.#compactFor });
    await new Lpa(this.euicc, { transport: relay }).sendNotifications();
  }

  async #provideResult(der: Uint8Array): Promise<void> {
    await this.#provide(this.#withNotifications(der));
  }

  /** Those that wait, which the eIM forwards. */
  #withNotifications(der: Uint8Array): ResultOfPackage {
    const euiccPackageResult = { value: EuiccPackageResult.decode(der), der };
    const { notificationList = [] } = IotRetrieveNotificationsListResponse.decode(
      callEs10(this.euicc, IotRetrieveNotificationsListRequest.encode({})),
    );
    const eidValue = this.#compactFor;
    const sent =
      eidValue === undefined
        ? notificationList
        : notificationList.map((one) => compactNotification(one, eidValue) ?? one);
    return sent.length === 0
      ? { euiccPackageResult }
      : { ePRAndNotifications: { euiccPackageResult, notificationList: sent } };
  }

  /** What the eIM acknowledges is removed from the eUICC, nothing else. */
  async #provide(result: EimPackageResult): Promise<void> {
    const acknowledged = await this.#retried(() =>
      provideEimPackageResult(this.#options.transport, this.#eidValue, result),
    );
    for (const seqNumber of acknowledged) {
      callEs10(this.euicc, NotificationSentRequest.encode({ seqNumber }));
    }
  }

  /** SGP.32 §3.2.3.2: indirect. What eUICC and SM-DP+ refuse goes through the eIM, which is told of other failures. */
  async #download(trigger: ProfileDownloadTriggerRequest): Promise<void> {
    const { eimTransactionId } = trigger;
    const { direct } = this.#options;
    if (direct !== undefined) return this.#downloadDirectly(trigger, direct);
    try {
      const { iccid } = await this.#downloadBy(trigger);
      this.#installed(iccid);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      if (!(error instanceof DeviceError || error instanceof Es9PlusError)) throw error;
      this.#tell('failed', error.message);
      if (error instanceof Es9PlusError || error instanceof EuiccError) return;
      await this.#provide({
        eimPackageResultResponseError: {
          ...(eimTransactionId === undefined ? {} : { eimTransactionId }),
          eimPackageResultErrorCode: eimPackageResultErrorCodes.undefinedError,
        },
      });
    }
  }

  async #downloadBy(trigger: ProfileDownloadTriggerRequest): Promise<Download> {
    const { transport, imei = IMEI } = this.#options;
    const { eimTransactionId } = trigger;
    const relay = new RelayTransport(transport, { eimTransactionId, compactFor: this.#compactFor });
    const isMetadataVerified = this.#has('eimProfileMetadataVerification');
    const lpa = new Lpa(this.euicc, { transport: relay, imei, isMetadataVerified });
    return downloadTriggered(lpa, trigger, { isByEim: this.#has('eimDownloadDataHandling') });
  }

  #has(feature: IpaFeature): boolean {
    return this.#options.features?.includes(feature) === true;
  }

  /** The EID, if its messages are compact. */
  get #compactFor(): Uint8Array | undefined {
    return this.#has('minimizeEsipaBytes') ? this.#eidValue : undefined;
  }

  /** SGP.32 §3.2.3.1. */
  async #downloadDirectly(
    trigger: ProfileDownloadTriggerRequest,
    transport: Es9PlusTransport,
  ): Promise<void> {
    const { imei = IMEI } = this.#options;
    const { outcome, result } = await downloadDirectly(this.euicc, trigger, { transport, imei });
    if (outcome instanceof Error) this.#tell('failed', outcome.message);
    else this.#installed(outcome.iccid);
    await this.#provide({ profileDownloadTriggerResult: result });
  }

  #installed(iccid: string): void {
    this.#tell('download', `installed ${iccid}`);
    if (this.euicc.state.iot?.immediateEnable.isAllowed === true) {
      callEs10(this.euicc, ImmediateEnableRequest.encode({ refreshFlag: true }));
    }
  }

  async #retried<T>(run: () => Promise<T>): Promise<T> {
    const { retries = RETRIES } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof ConnectionError) || attempt >= retries) throw error;
      }
    }
  }

  #tell(step: IpaStep, what: string): void {
    this.#options.onStep?.(step, what);
  }
}

/** Whether the connection over which it came may not last. */
function mayChangeNetwork({ euiccPackageSigned }: EuiccPackageRequest): boolean {
  const { psmoList = [] } = euiccPackageSigned.value.euiccPackage;
  return psmoList.some(({ enable, disable }) => enable !== undefined || disable !== undefined);
}

/** Of the eIM that sent the package. */
export function eimIdOf({ euiccPackageResultSigned }: EuiccPackageResult): string | undefined {
  return euiccPackageResultSigned?.euiccPackageResultDataSigned.value.eimId;
}
