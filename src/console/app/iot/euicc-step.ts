// The one thing to do next with an eUICC, in words.
import type { Tone } from '../tone.ts';
import { errorInWords } from './error-in-words.ts';
import { operationInWords } from './kinds.ts';
import { isUnderWay } from './types.ts';
import { heldUpBy, waitingTitle, whenHanded } from './when-handed.ts';
import type { Euicc, EuiccOperation } from './types.ts';

/** What the page offers beside the words; the first one is the one to take. */
export type EuiccOffer = 'onboarding' | 'order' | 'enable' | 'again' | 'data' | 'remove';

export interface EuiccStep {
  tone: Tone;
  title: string;
  text: string;
  notes: readonly string[];
  offers: readonly EuiccOffer[];
  /** That it is about, to link to it, or to ask for it again. */
  operation?: EuiccOperation;
}

/** Devices poll seldom to save power; those that wait for days are not usual. */
const SILENT_MS = 24 * 60 * 60_000;

/** @param operations newest first */
export function euiccStep(
  euicc: Euicc,
  operations: readonly EuiccOperation[],
  now: number,
): EuiccStep {
  if (euicc.status === 'left') return left();
  const waiting = operations.filter(isUnderWay);
  const [last] = operations.filter(({ status }) => status === 'completed' || status === 'failed');
  if (euicc.date_seen === null) return neverSeen(waiting.length);
  const silent = now - Date.parse(euicc.date_seen) > SILENT_MS;
  if (waiting.length > 0 && silent) return silentWith(waiting.length);
  if (waiting.length > 0) return atWork(waiting, euicc);
  if (last?.status === 'failed') return failed(last);
  return atRest(euicc, silent);
}

function left(): EuiccStep {
  return {
    tone: 'bad',
    title: 'This eUICC obeys us no longer',
    text: 'It has signed that it has forgotten this eIM, so nothing can be done with it from here.',
    notes: [
      'If it knows another eIM, that one can add ours again. Otherwise the device has to be onboarded anew.',
      'It can be removed here without harm.',
    ],
    offers: ['remove'],
  };
}

function neverSeen(waiting: number): EuiccStep {
  return {
    tone: 'act',
    title: 'Give the device the onboarding file',
    text: 'The device has not polled yet. With this file, its IPA tells the eUICC who we are, and where to poll.',
    notes: [
      ...(waiting > 1 ? [`${operationsInWords(waiting)} until then.`] : []),
      'An IPA that polls already needs nothing but our address: this page then updates by itself.',
    ],
    offers: ['onboarding'],
  };
}

function silentWith(waiting: number): EuiccStep {
  return {
    tone: 'warn',
    title: 'Check whether the device is online',
    text: `${operationsInWords(waiting)}, and the device has not polled for more than a day.`,
    notes: ['It carries them out when it polls the next time.'],
    offers: [],
  };
}

function atWork(waiting: readonly EuiccOperation[], euicc: Euicc): EuiccStep {
  const operation = waiting.at(-1)!;
  const others = waiting.length - 1;
  const what = operationInWords(operation);
  return {
    tone: 'wait',
    title: operation.status === 'sent' ? 'Wait for the result' : waitingTitle(euicc),
    text:
      operation.status === 'sent'
        ? `The device was handed: ${what}. This page updates by itself.`
        : `The device gets this ${whenHanded(euicc)}: ${what}. This page updates by itself.`,
    notes: [
      ...heldUpBy(operation),
      ...(others === 0 ? [] : [`${others} more ${others === 1 ? 'waits' : 'wait'} after it.`]),
    ],
    offers: [],
    operation,
  };
}

function failed(operation: EuiccOperation): EuiccStep {
  const { what, advice } = errorInWords(operation.error_code);
  return {
    tone: 'bad',
    title: what,
    text: advice,
    notes: [],
    offers: ['again'],
    operation,
  };
}

function atRest(euicc: Euicc, silent: boolean): EuiccStep {
  const { profiles, has_certificate: isKnown, unsigned_results: isUnsigned } = euicc;
  if (!isKnown && !isUnsigned) {
    return {
      tone: 'act',
      title: 'Ask for its certificates',
      text: 'What the eUICC signs can only be verified with its certificate, which is not known yet.',
      notes: [],
      offers: ['data'],
    };
  }
  const enabled = profiles?.find(({ state }) => state === 'enabled');
  if (enabled !== undefined) {
    return {
      tone: 'good',
      title: 'Nothing to do',
      text: `The device uses the profile ${enabled.iccid}.`,
      notes: silent ? ['It has not polled for more than a day.'] : [],
      offers: [],
    };
  }
  if (profiles !== null && profiles.length > 0) {
    return {
      tone: 'act',
      title: 'Enable a profile',
      text: 'There are profiles on the eUICC, but none is enabled.',
      notes: [],
      offers: ['enable', 'order'],
    };
  }
  return {
    tone: 'act',
    title: 'Order a profile for it',
    text: 'An order for its EID is downloaded, installed and enabled by itself.',
    notes: profiles === null ? ['What is on the eUICC now is not known yet.'] : [],
    offers: ['order'],
  };
}

const operationsInWords = (count: number) =>
  count === 1 ? 'An operation waits' : `${count} operations wait`;
