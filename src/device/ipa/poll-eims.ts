// A device with several eIMs (SGP.32 §2.11.1.1.2): it polls each, tells one what another has changed, and falls back if it reaches none.
import { X509Certificate } from 'node:crypto';
import { EimConfigurationData } from '../../rsp/definitions/eim-configuration-data.ts';
import type { TransferEimPackageRequest } from '../../rsp/definitions/esipa.ts';
import { EuiccPackageResult } from '../../rsp/definitions/euicc-package.ts';
import {
  ExecuteFallbackMechanismRequest,
  ExecuteFallbackMechanismResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { executeFallbackMechanismResults, type StateChangeCause } from '../../rsp/eim-codes.ts';
import { DeviceError } from '../device-error.ts';
import { callEs10 } from '../es10.ts';
import { fromBase64, toBase64 } from '../euicc-state.ts';
import { configurationOf } from '../iot/associated-eims.ts';
import type { IotEuicc } from '../iot/iot-euicc.ts';
import { keptResults } from '../iot/package-results.ts';
import type { EsipaTransport } from './esipa-transport.ts';
import { Ipa, eimIdOf, type IpaOptions, type IpaStep, type Transferred } from './ipa.ts';

export interface DeviceStep {
  readonly eimId: string;
  readonly step: IpaStep | 'fallback';
  /** In words. */
  readonly what: string;
}

/** What the IPA itself remembers, as JSON. */
export interface IpaMemory {
  /** base64 of EimConfigurationData: eIMs that the eUICC has forgotten, and which have not acknowledged a result; and the one that is polled. */
  formerEims: string[];
  /** The profiles as each eIM knows them, by eimId. */
  knownProfiles: Record<string, string>;
}

export interface Polled {
  /** How many packages there were. */
  count: number;
  /** Whether any eIM was polled to the end, after falling back if none was. */
  isReached: boolean;
}

export interface IotDeviceOptions extends Pick<
  IpaOptions,
  'imei' | 'retries' | 'direct' | 'features'
> {
  readonly transportTo: (eim: EimConfigurationData) => EsipaTransport;
  readonly onStep?: (step: DeviceStep) => void;
  /** Of earlier; changed in place. */
  readonly memory?: IpaMemory;
}

export class IotDevice {
  readonly euicc: IotEuicc;
  readonly memory: IpaMemory;
  readonly #options: IotDeviceOptions;

  constructor(euicc: IotEuicc, options: IotDeviceOptions) {
    this.euicc = euicc;
    this.#options = options;
    this.memory = options.memory ?? { formerEims: [], knownProfiles: {} };
  }

  /** Each eIM, until it has nothing left. */
  async poll(): Promise<Polled> {
    for (const configuration of this.memory.formerEims) {
      const eim = EimConfigurationData.decode(fromBase64(configuration));
      // If so, power was lost while it was polled.
      const isKnown = this.#knows(eim);
      if (!isKnown) await this.#reaching(eim, (ipa) => ipa.provideKept());
      if (isKnown || !this.#hasResultFor(eim)) this.#forget(configuration);
    }
    const first = await this.#pollAll();
    if (first.isReached || !this.#fallsBack()) return first;
    const { count, isReached } = await this.#pollAll('fallback');
    return { count: first.count + count, isReached };
  }

  /**
   * What an eIM has sent by itself.
   * @param callerKey SubjectPublicKeyInfo of the certificate that it has shown
   * @returns undefined: no eIM that the eUICC knows has this key
   */
  transferred(
    callerKey: Uint8Array | undefined,
    request: TransferEimPackageRequest,
  ): Transferred | undefined {
    const eim = this.euicc.state.iot.eims
      .map(configurationOf)
      .find((one) => callerKey !== undefined && isTlsKeyOf(one, callerKey));
    if (eim === undefined) return undefined;
    const configuration = this.#beginWith(eim);
    const { answer, later } = this.#ipaOf(eim).transferred(request);
    if (later === undefined) {
      this.#noteProfiles(eim);
      this.#endWith(eim, configuration);
      return { answer };
    }
    return {
      answer,
      later: async () => {
        await this.#telling(eim, later);
        this.#noteProfiles(eim);
        this.#endWith(eim, configuration);
      },
    };
  }

  #noteProfiles({ eimId }: EimConfigurationData): void {
    this.memory.knownProfiles[eimId] = this.#profiles;
  }

  /** Before it makes the eUICC forget it, with a result that it must still be given. */
  #beginWith(eim: EimConfigurationData): string {
    const configuration = toBase64(EimConfigurationData.encode(eim));
    this.memory.formerEims.push(configuration);
    return configuration;
  }

  #endWith(eim: EimConfigurationData, configuration: string): void {
    const isKnown = this.#knows(eim);
    if (!isKnown) delete this.memory.knownProfiles[eim.eimId];
    if (isKnown || !this.#hasResultFor(eim)) this.#forget(configuration);
  }

  /** Also those that are added meanwhile. */
  async #pollAll(cause?: StateChangeCause): Promise<Polled> {
    const polled = new Set<string>();
    let [count, isReached] = [0, this.euicc.state.iot.eims.length === 0];
    for (let next = this.#nextEim(polled); next !== undefined; next = this.#nextEim(polled)) {
      const eim = next;
      polled.add(eim.eimId);
      const configuration = this.#beginWith(eim);
      await this.#reaching(eim, async (ipa) => {
        const known = this.memory.knownProfiles[eim.eimId];
        const isChanged = known !== undefined && known !== this.#profiles;
        count += await ipa.poll(cause ?? (isChanged ? 'otherEim' : undefined));
        this.#noteProfiles(eim);
        isReached = true;
      });
      this.#endWith(eim, configuration);
    }
    return { count, isReached };
  }

  #knows({ eimId }: EimConfigurationData): boolean {
    return this.euicc.state.iot.eims.some((eim) => idOf(eim) === eimId);
  }

  #forget(configuration: string): void {
    this.memory.formerEims = this.memory.formerEims.filter((kept) => kept !== configuration);
  }

  #nextEim(polled: ReadonlySet<string>): EimConfigurationData | undefined {
    return this.euicc.state.iot.eims.map(configurationOf).find(({ eimId }) => !polled.has(eimId));
  }

  /** An eIM that cannot be reached, or does not know the device, does not keep it from the others. */
  async #reaching(eim: EimConfigurationData, work: (ipa: Ipa) => Promise<void>): Promise<void> {
    await this.#telling(eim, () => work(this.#ipaOf(eim)));
  }

  async #telling({ eimId }: EimConfigurationData, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#options.onStep?.({ eimId, step: 'failed', what: error.message });
    }
  }

  #ipaOf(eim: EimConfigurationData): Ipa {
    const { transportTo, onStep, imei, retries, direct, features } = this.#options;
    const { eimId } = eim;
    return new Ipa(this.euicc, {
      transport: transportTo(eim),
      eimId,
      onStep: (step, what) => onStep?.({ eimId, step, what }),
      ...(imei === undefined ? {} : { imei }),
      ...(retries === undefined ? {} : { retries }),
      ...(direct === undefined ? {} : { direct }),
      ...(features === undefined ? {} : { features }),
    });
  }

  /** SGP.32 §5.9.20: without connectivity. @returns whether another profile is enabled now */
  #fallsBack(): boolean {
    const { eims, fallbackIccid } = this.euicc.state.iot;
    if (fallbackIccid === undefined) return false;
    const request = ExecuteFallbackMechanismRequest.encode({ refreshFlag: true });
    const { executeFallbackMechanismResult: result } = ExecuteFallbackMechanismResponse.decode(
      callEs10(this.euicc, request),
    );
    if (result !== executeFallbackMechanismResults.ok) return false;
    const [eim] = eims;
    if (eim === undefined) throw new DeviceError('This eUICC has no eIM.');
    const what = `fell back to ${fallbackIccid}: no eIM can be reached`;
    this.#options.onStep?.({ eimId: idOf(eim), step: 'fallback', what });
    return true;
  }

  #hasResultFor({ eimId }: EimConfigurationData): boolean {
    return keptResults(this.euicc.state.iot).some(
      (result) => eimIdOf(EuiccPackageResult.decode(result)) === eimId,
    );
  }

  get #profiles(): string {
    const { profiles } = this.euicc.state;
    return JSON.stringify(profiles.map(({ iccid, isEnabled }) => [iccid, isEnabled]));
  }
}

/** Whether it is the key that an IPA trusts for the TLS of this eIM. */
function isTlsKeyOf(
  { trustedPublicKeyDataTls: trusted }: EimConfigurationData,
  spki: Uint8Array,
): boolean {
  const key =
    trusted?.trustedEimPkTls ??
    (trusted?.trustedCertificateTls && keyIn(trusted.trustedCertificateTls));
  return key !== undefined && Buffer.compare(key, spki) === 0;
}

const keyIn = (certificate: Uint8Array): Uint8Array =>
  new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });

const idOf = (eim: Parameters<typeof configurationOf>[0]) => configurationOf(eim).eimId;
