// Why an order has failed, for people who do not know the codes. docs/troubleshooting.md has all of them.

export interface Failure {
  /** What happened, without a full stop. */
  what: string;
  /** What to do about it. */
  advice: string;
}

export const NO_STOCK = '83500';
export const CANCELLED = '83590';
export const EXPIRED = '83591';
const WRONG_CODES = '8.2.7/6.4';

const SEE_LOG = 'The RSP log below shows where it ended. Then order it again.';
const TEMPLATE = 'It is set in the template of the profile, by whoever runs this server.';

const FAILURES: Record<string, Failure> = {
  [NO_STOCK]: {
    what: 'There was no subscription left in stock',
    advice: 'Import more subscriptions, then order it again.',
  },
  [CANCELLED]: {
    what: 'The order was cancelled',
    advice: 'If the profile is needed after all, order it again.',
  },
  [EXPIRED]: {
    what: 'The order has expired',
    advice: 'Nobody downloaded the profile in time. Order it again, with a later expiry or none.',
  },
  '83592': {
    what: 'The SM-DP+ could not be reached in time',
    advice: 'The history says why. Order it again once it answers.',
  },
  '20500': {
    what: 'The server made a mistake while it prepared the profile',
    advice:
      'Its log says more, at “the reservation of an order failed”. Order it again once that is solved.',
  },
  [WRONG_CODES]: {
    what: 'A wrong confirmation code was entered five times',
    advice:
      'Somebody may be guessing, or was sent another code. Order it again with a new confirmation code.',
  },
  '8.8.5/4.10': {
    what: 'The order has expired',
    advice:
      'Nobody downloaded the profile within the time that this server allows. Order it again.',
  },
  '8.8.5/6.4': {
    what: 'The device tried to download it ten times, and never finished',
    advice: `Find out why before the next attempt. ${SEE_LOG}`,
  },
  '8.8.5/3.8': {
    what: 'The profile was rejected on the device',
    advice: 'Ask its user to accept it next time, then order it again.',
  },
  '8.2.8/1.2': {
    what: 'The device does not allow the rules of this profile',
    advice: `Remove its policy rules, or use another device. ${TEMPLATE}`,
  },
  '8.2.9/3.11': {
    what: 'The profile was changed while the device was downloading it',
    advice: 'Order it again.',
  },
  '8.2.10/4.2': {
    what: 'The device could not load the profile',
    advice: SEE_LOG,
  },
  '8/4.2': {
    what: 'The device stopped the download without giving a reason',
    advice: 'The log of the device may say more. Then order it again.',
  },
};

/** Reasons that an eUICC signs, SGP.22 §2.5.6. */
const REASONS: Record<string, Failure> = {
  '6': {
    what: 'The device does not accept profiles of this class',
    advice: `Test profiles need a device in test mode. ${TEMPLATE}`,
  },
  '9': {
    what: 'The device already has a profile with this ICCID',
    advice: 'Delete that one on the device, or order it again with another subscription.',
  },
  '10': {
    what: 'The device has no room for the profile',
    advice: 'Delete a profile on the device, then order it again.',
  },
  '11': {
    what: 'The installation was interrupted on the device',
    advice: 'Order it again, and keep the device switched on until it is done.',
  },
  '12': {
    what: 'The profile contains something that the device does not support',
    advice:
      'Send the report for the device maker, below, to whoever makes the device, or try another template.',
  },
  '15': {
    what: 'The device does not allow the rules of this profile',
    advice: `Remove its policy rules, or use another device. ${TEMPLATE}`,
  },
};

/** @param code `error_code` of a failed order */
export function failureInWords(code: string | null): Failure {
  const known = code === null ? undefined : FAILURES[code];
  if (known !== undefined) return known;
  const [, reason] = /^\d+\/(\d+)$/.exec(code ?? '') ?? [];
  if (reason === undefined) {
    return {
      what: 'The server refused the order',
      advice: 'Once the cause is known, order it again.',
    };
  }
  return (
    REASONS[reason] ?? {
      what: 'The device could not install the profile',
      advice:
        'Send the report for the device maker, below, to whoever makes the device. Then order it again.',
    }
  );
}
