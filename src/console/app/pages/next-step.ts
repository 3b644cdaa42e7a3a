// The one thing to do next with a profile, in words.
import { localTime } from '../local-time.ts';
import type { Tone } from '../tone.ts';
import type { EsimProfile, EsimProfileEvent, Status } from '../types.ts';
import { CANCELLED, failureInWords, NO_STOCK } from './failure-in-words.ts';
import { onDevice } from './order-actions.ts';

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

function available(profile: EsimProfile, events: readonly EsimProfileEvent[]): NextStep {
  const { activation_code: code, eid, smdp_plus_address: address, expires_at: end } = profile;
  const notes = troubleIn(events);
  if (end !== undefined) notes.push(`It must be downloaded before ${localTime(end)}.`);
  if (code === null) {
    return {
      tone: 'act',
      title: 'Start the download on the device',
      text: `The device with EID ${eid} needs no code: it finds the profile when it asks ${address} for profiles.`,
      notes: [...notes, 'If the device can’t do that, give the order an activation code.'],
      offers: ['reissue'],
    };
  }
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
  };
}

const TROUBLE: Record<string, string> = {
  'confirmation code refused':
    'A wrong confirmation code was entered on the device. Five wrong ones end the order.',
  'download cancelled by the device': 'The last download was stopped on the device.',
};

/** What a device reported last, if that did not end the order. @param events newest first */
function troubleIn([last]: readonly EsimProfileEvent[]): string[] {
  const trouble = last?.type === 'notification' ? TROUBLE[last.cause] : undefined;
  return trouble === undefined ? [] : [trouble];
}

/** SGP.22 §4.1: the fifth field says whether a confirmation code is required. */
export function asksForCode(activationCode: string): boolean {
  return activationCode.split('$')[4] === '1';
}

/** After which the same device may try again. */
const INSTALLATION_FAILED = 'installation failed on the device';

function downloaded(
  { eid, date_updated: date }: EsimProfile,
  events: readonly EsimProfileEvent[],
  now: number,
): NextStep {
  const [last] = events;
  if (last?.cause === INSTALLATION_FAILED && last.type === 'notification') {
    const isFull = last.detail?.includes('InsufficientMemory') === true;
    return {
      tone: 'warn',
      title: 'Try again on the same device',
      text: isFull
        ? `The device with EID ${eid} has no room for the profile. Delete another profile there first.`
        : `The device with EID ${eid} has reported that the installation was interrupted.`,
      notes: ['Start the download there once more, with the same code.'],
      offers: ['cancel'],
    };
  }
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
