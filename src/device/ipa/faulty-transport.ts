// Ways for a device to lose its connection to an eIM, for testing eIMs.
import { readDer } from '../../rsp/der.ts';
import type { Euicc } from '../euicc.ts';
import { ConnectionError, type EsipaTransport } from './esipa-transport.ts';

const GET_EIM_PACKAGE = 0xbf4f;

export interface Faults {
  /** How many answers of eIMs get lost, after the eIM has done what was asked; not those to polls. Counted down. */
  lostAnswers: number;
  /** ICCIDs of profiles whose network has no connectivity. */
  readonly withoutConnectivity: readonly string[];
}

export class FaultyTransport implements EsipaTransport {
  readonly #transport: EsipaTransport;
  readonly #euicc: Euicc;
  readonly #faults: Faults;

  constructor(transport: EsipaTransport, euicc: Euicc, faults: Faults) {
    this.#transport = transport;
    this.#euicc = euicc;
    this.#faults = faults;
  }

  async send(request: Uint8Array): Promise<Uint8Array> {
    const cutOff = cutOffProfile(this.#euicc, this.#faults);
    if (cutOff !== undefined) {
      throw new ConnectionError(`The profile ${cutOff} has no connectivity.`);
    }
    const answer = await this.#transport.send(request);
    if (this.#faults.lostAnswers === 0 || readDer(request).tag === GET_EIM_PACKAGE) return answer;
    this.#faults.lostAnswers -= 1;
    throw new ConnectionError('The answer of the eIM was lost.');
  }
}

/** The ICCID of the profile that is enabled, if its network has no connectivity. */
export function cutOffProfile(
  { state }: Pick<Euicc, 'state'>,
  { withoutConnectivity }: Pick<Faults, 'withoutConnectivity'>,
): string | undefined {
  const enabled = state.profiles.find(({ isEnabled }) => isEnabled);
  return enabled && withoutConnectivity.includes(enabled.iccid) ? enabled.iccid : undefined;
}
