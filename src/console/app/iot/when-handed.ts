// When a device gets what waits for it, in words: at its next poll, or at once if its IPA listens.
import type { Euicc, EuiccOperation } from './types.ts';

type Listens = Pick<Euicc, 'ipa_url'>;

const isListening = (euicc: Listens | undefined) => typeof euicc?.ipa_url === 'string';

/** @param euicc undefined: not known (yet) */
export const whenHanded = (euicc: Listens | undefined) =>
  isListening(euicc) ? 'as soon as its IPA can be reached' : 'when it polls the next time';

export const waitingTitle = (euicc: Listens | undefined) =>
  isListening(euicc) ? 'Wait until it is sent' : 'Wait for the next poll';

/** Once it was asked for. */
export const askedInWords = (euicc: Listens | undefined) =>
  isListening(euicc)
    ? 'It is sent as soon as the IPA of the device can be reached'
    : 'It waits for the next poll of the device';

/** What an operation that is under way waits for, as the server says it. */
export const heldUpBy = ({ error_message: message }: Pick<EuiccOperation, 'error_message'>) =>
  message === null ? [] : [`${message}. It is tried again.`];
