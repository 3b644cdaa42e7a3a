// Why an operation on an eUICC has failed, for people who do not know the names of SGP.32.

export interface OperationError {
  /** What happened, without a full stop. */
  what: string;
  /** What to do about it. */
  advice: string;
}

const AGAIN = 'Ask for it again.';
const LOOK = 'List its profiles, and look at what is on it now.';

const ERRORS: Record<string, OperationError> = {
  // Ours.
  noResult: {
    what: 'The device took it, but no result has come',
    advice:
      'It may have been carried out all the same. Once the device polls again, list its profiles.',
  },
  rollback: {
    what: 'The profile had no connectivity, so the device went back to the one before',
    advice: 'Look whether the subscription is active, and has coverage where the device is.',
  },
  certificateInvalid: {
    what: 'The certificates of the eUICC are not accepted',
    advice:
      'They must lead up to a CI that this server trusts: whoever runs it can import one. Then ask for its data again.',
  },
  cancelled: {
    what: 'It was cancelled before it was sent',
    advice: 'The device has heard nothing of it.',
  },
  // Of commands about profiles.
  iccidOrAidNotFound: { what: 'There is no such profile on the eUICC', advice: LOOK },
  profileNotInDisabledState: {
    what: 'The profile is enabled',
    advice: 'To delete it, enable another one first. To enable it, there is nothing to do.',
  },
  profileNotInEnabledState: { what: 'The profile is not enabled', advice: LOOK },
  disallowedByPolicy: {
    what: 'The rules of the profile forbid it',
    advice: 'They were set by whoever made the profile.',
  },
  catBusy: { what: 'The device was busy with its card', advice: AGAIN },
  rollbackNotAvailable: {
    what: 'There is no profile to go back to',
    advice: 'Ask for it without going back.',
  },
  returnFallbackProfile: {
    what: 'The device uses the fallback profile now, and needs this one to return to',
    advice: 'Enable it first, then delete another one.',
  },
  fallbackNotAllowed: {
    what: 'The profile may not be the fallback',
    advice: 'Choose another one; its metadata must allow it.',
  },
  fallbackProfileEnabled: {
    what: 'The device uses the fallback profile now',
    advice: 'Enable another profile first.',
  },
  noFallbackAttribute: { what: 'No profile is the fallback', advice: 'There is nothing to do.' },
  profileChangeOngoing: { what: 'A profile was just being changed', advice: AGAIN },
  // Of commands about eIMs.
  associatedEimAlreadyExists: { what: 'It knows this eIM already', advice: 'List its eIMs.' },
  eimNotFound: { what: 'It does not know this eIM', advice: 'List its eIMs.' },
  ciPKUnknown: {
    what: 'It does not know the CI of that eIM',
    advice: 'Its configuration must name a CI that the eUICC knows.',
  },
  invalidAssociationToken: {
    what: 'The association token is wrong',
    advice: 'Ask for its data again.',
  },
  // Of packages.
  invalidEid: { what: 'The eUICC has another EID', advice: 'Check which EID the device has.' },
  replayError: {
    what: 'The eUICC has seen a higher counter than ours',
    advice: 'Another eIM may have the same eimId. Ask for it again.',
  },
  counterValueOutOfRange: {
    what: 'The counter of the packages has come to its end',
    advice: 'The eUICC has to be associated anew.',
  },
  sizeOverflow: { what: 'It was too large for the eUICC', advice: 'Ask for less at once.' },
  ecallActive: { what: 'An emergency call was under way', advice: AGAIN },
  resultSizeOverflow: {
    what: 'The result was too large for the eUICC',
    advice: 'Part of it may have been carried out.',
  },
  unknownOrDamagedCommand: {
    what: 'The eUICC does not know the command',
    advice: 'It may have an older version of SGP.32.',
  },
  interruption: { what: 'The eUICC was interrupted', advice: AGAIN },
  commandError: { what: 'The eUICC could not carry it out', advice: AGAIN },
  insufficientMemory: {
    what: 'The eUICC has no room',
    advice: 'Delete a profile that is not needed.',
  },
  // Of downloads.
  noEvent: { what: 'Nothing waits for the EID there', advice: 'Order a profile for it.' },
  smdpAddressMismatch: {
    what: 'The SM-DP+ is another one than was expected',
    advice: 'Check the address in the activation code.',
  },
  smdpOidMismatch: {
    what: 'The SM-DP+ has another OID than the activation code names',
    advice: 'Ask whoever gave you the code.',
  },
  // Of IPAs.
  incorrectTagList: {
    what: 'The IPA does not know what was asked for',
    advice: 'It may have an older version of SGP.32.',
  },
  invalidPackageFormat: {
    what: 'The IPA could not read the package',
    advice: 'It may have an older version of SGP.32. The packages below show what was sent.',
  },
  unknownPackage: {
    what: 'The IPA does not know this kind of package',
    advice: 'It may have an older version of SGP.32.',
  },
};

/** @param code `error_code` of a failed operation */
export function errorInWords(code: string | null): OperationError {
  const known = code === null ? undefined : ERRORS[code];
  if (known !== undefined) return known;
  if (/^[\d.]+\/[\d.]+$/.test(code ?? '')) {
    return {
      what: 'The SM-DP+ has refused the download',
      advice: 'The RSP log of the order says why.',
    };
  }
  return {
    what: 'It could not be carried out',
    advice: 'The packages below show what was sent and what came back.',
  };
}
