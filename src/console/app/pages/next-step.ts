// The one thing to do next with a profile, in words.
import type { EsimProfile, EsimProfileEvent, Status } from '../types.ts';
import { CANCELLED, failureInWords, NO_STOCK } from './failure-in-words.ts';
import { onDevice } from './order-actions.ts';

export type Tone = 'wait' | 'act' | 'good' | 'warn' | 'bad';
/** What the page offers beside the words; the first one is the one to take. */
export type Offer = 'link' | 'qr' | 'reissue' | 'reorder' | 'cancel' | 'stock' | 'replacement';

export interface NextStep {
  tone: Tone;
  title: string;
  text: string;
  /** More that matters now, a sentence each. */
  notes: readonly string[];
  offers: readonly Offer[];
}

/** A device usually confirms the installation within a minute. */
const OVERDUE_MS = 10 * 60_000;

/** @param events newest first */
export function nextStep(
  profile: EsimProfile,
  events: readonly EsimProfileEvent[],
  now: number,
): NextStep {
  return STEPS[profile.status](profile, events, now);
}

const STEPS: Record<Status, typeof nextStep> = {
  new: preparing,
  reserving: preparing,
  available,
  downloaded,
  installed,
  failed,
};

function preparing(
  { status, date_created: date }: EsimProfile,
  events: readonly EsimProfileEvent[],
  now: number,
): NextStep {
  const since = sinceOf(status, events) ?? date;
  if (status === 'new' && now - Date.parse(since) > OVERDUE_MS) {
    return {
      tone: 'warn',
      title: 'Ask whoever runs the server',
      text: 'The order has been waiting for minutes, but should take moments. The log of the server says why.',
      notes: [],
      offers: ['cancel'],
    };
  }
  return {
    tone: 'wait',
    title: 'Wait a moment',
    text: 'A subscription is being taken from stock and prepared. This page updates by itself.',
    notes: [],
    offers: [],
  };
}

function available({ activation_code: code, eid, smdp_plus_address: address }: EsimProfile) {
  if (code === null) {
    return {
      tone: 'act',
      title: 'Start the download on the device',
      text: `The device with EID ${eid} needs no code: it finds the profile when it asks ${address} for profiles.`,
      notes: ['If the device can’t do that, give the order an activation code.'],
      offers: ['reissue'],
    } satisfies NextStep;
  }
  const notes: string[] = [];
  if (eid !== null) notes.push(`Only the device with EID ${eid} can use the code.`);
  if (asksForCode(code)) {
    notes.push('The device will ask for the confirmation code: send it separately.');
  }
  return {
    tone: 'act',
    title: 'Give the code to whoever installs the profile',
    text: 'Send a link to a page with everything needed to install it, or let the phone scan the QR code.',
    notes,
    offers: ['link', 'qr'],
  } satisfies NextStep;
}

/** SGP.22 §4.1: the fifth field says whether a confirmation code is required. */
export function asksForCode(activationCode: string): boolean {
  return activationCode.split('$')[4] === '1';
}

function downloaded(
  { eid, date_updated: date }: EsimProfile,
  events: readonly EsimProfileEvent[],
  now: number,
): NextStep {
  const since = Date.parse(sinceOf('downloaded', events) ?? date);
  if (now - since < OVERDUE_MS) {
    return {
      tone: 'wait',
      title: 'Wait for the device',
      text: `The device with EID ${eid} has downloaded the profile, and is installing it. This page updates by itself.`,
      notes: [],
      offers: [],
    };
  }
  return {
    tone: 'warn',
    title: 'Check the device',
    text: `The device with EID ${eid} has downloaded the profile, but has not confirmed the installation.`,
    notes: [
      'If the profile is there, the device only has to be online to confirm it.',
      'If not, start the download again on the same device, with the same code.',
      'If the device is gone, cancel the order, and place another one.',
    ],
    offers: ['cancel'],
  };
}

function installed(profile: EsimProfile, events: readonly EsimProfileEvent[]): NextStep {
  const { replaced_by_sid: other, eid } = profile;
  if (other !== undefined) return replaced('The profile was released again', profile);
  const state = onDevice(events) ?? 'installed';
  if (state === 'deleted') {
    return {
      tone: 'act',
      title: 'Release it again, if it is still needed',
      text: `The device with EID ${eid} has deleted the profile. A new order can have the same ICCID and keys.`,
      notes: [],
      offers: ['reorder'],
    };
  }
  if (state === 'enabled') {
    return {
      tone: 'good',
      title: 'Nothing to do',
      text: `The profile is installed on the device with EID ${eid}, and in use.`,
      notes: [],
      offers: [],
    };
  }
  return {
    tone: 'good',
    title: 'Nothing to do here',
    text: `The profile is installed on the device with EID ${eid}.`,
    notes: ['Its user can switch it on in the settings of the device, under mobile networks.'],
    offers: [],
  };
}

function failed(profile: EsimProfile, events: readonly EsimProfileEvent[]): NextStep {
  const { error_code: code, replaced_by_sid: other } = profile;
  const { what, advice } = failureInWords(code);
  if (other !== undefined) return replaced(what, profile);
  const state = code === CANCELLED ? onDevice(events) : undefined;
  const notes =
    state === undefined || state === 'deleted'
      ? []
      : ['The device had downloaded it before, and has installed it nevertheless.'];
  return {
    tone: code === CANCELLED ? 'wait' : 'bad',
    title: what,
    text: advice,
    notes,
    offers: code === NO_STOCK ? ['stock', 'reorder'] : ['reorder'],
  };
}

function replaced(what: string, { status }: EsimProfile): NextStep {
  return {
    tone: 'wait',
    title: 'Go on with the new order',
    text: `${what}, and another order has taken its place.`,
    notes: status === 'failed' ? ['This one stays failed.'] : [],
    offers: ['replacement'],
  };
}

function sinceOf(status: string, events: readonly EsimProfileEvent[]): string | undefined {
  return events.find((event) => event.type === 'status' && event.status === status)?.date_created;
}
