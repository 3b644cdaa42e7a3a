// The named numbers of SGP.32: errors of ESipa (SGP.32 §6.3.2), results of the commands in eUICC packages (SGP.32 §2.11.2.1), and of the
// ES10b functions of an IoT eUICC (SGP.32 §5.9).

const undefinedError = 127;

/** EuiccPackageErrorCode, SGP.32 §2.11.2.1. */
export const euiccPackageErrorCodes = {
  invalidEid: 3,
  replayError: 4,
  counterValueOutOfRange: 6,
  sizeOverflow: 15,
  ecallActive: 104,
  undefinedError,
} as const;
export type EuiccPackageErrorCode = keyof typeof euiccPackageErrorCodes;

/** EuiccPackageUnsignedErrorCode, of v1.3. */
export const euiccPackageUnsignedErrorCodes = { sizeOverflow: 15, undefinedError } as const;

export const enableProfileResults = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInDisabledState: 2,
  disallowedByPolicy: 3,
  catBusy: 5,
  rollbackNotAvailable: 20,
  undefinedError,
} as const;

export const disableProfileResults = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInEnabledState: 2,
  disallowedByPolicy: 3,
  catBusy: 5,
  undefinedError,
} as const;

export const deleteProfileResults = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInDisabledState: 2,
  disallowedByPolicy: 3,
  rollbackNotAvailable: 20,
  returnFallbackProfile: 21,
  undefinedError,
} as const;

export const profileInfoListErrors = {
  incorrectInputValues: 1,
  profileChangeOngoing: 11,
  undefinedError,
} as const;

export const configureImmediateEnableResults = {
  ok: 0,
  insufficientMemory: 1,
  commandError: 7,
  undefinedError,
} as const;

export const setFallbackAttributeResults = {
  ok: 0,
  iccidOrAidNotFound: 1,
  fallbackNotAllowed: 2,
  fallbackProfileEnabled: 3,
  undefinedError,
} as const;

export const unsetFallbackAttributeResults = {
  ok: 0,
  noFallbackAttribute: 2,
  fallbackProfileEnabled: 3,
  commandError: 7,
  undefinedError,
} as const;

export const setDefaultDpAddressResults = { ok: 0, undefinedError } as const;

export const rollbackProfileResults = { ok: 0, undefinedError } as const;

export const processingTerminatedReasons = {
  resultSizeOverflow: 1,
  unknownOrDamagedCommand: 2,
  interruption: 3,
  undefinedError,
} as const;

export const addEimResultCodes = {
  ok: 0,
  insufficientMemory: 1,
  associatedEimAlreadyExists: 2,
  ciPKUnknown: 3,
  invalidAssociationToken: 5,
  counterValueOutOfRange: 6,
  commandError: 7,
  undefinedError,
} as const;
/** ES10b.AddInitialEim, SGP.32 §5.9.4. */
export const addInitialEimErrors = {
  insufficientMemory: 1,
  associatedEimAlreadyExists: 2,
  ciPKUnknown: 3,
  invalidAssociationToken: 5,
  counterValueOutOfRange: 6,
  commandError: 7,
  undefinedError,
} as const;
export type AddEimResultCode = keyof typeof addEimResultCodes;

export const deleteEimResults = {
  ok: 0,
  eimNotFound: 1,
  lastEimDeleted: 2,
  commandError: 7,
  undefinedError,
} as const;

export const updateEimResults = {
  ok: 0,
  eimNotFound: 1,
  ciPKUnknown: 3,
  counterValueOutOfRange: 6,
  commandError: 7,
  undefinedError,
} as const;
export type UpdateEimResult = keyof typeof updateEimResults;

export const listEimErrors = { undefinedError } as const;

/** EimIdType, SGP.32 §2.11.1.1.2. */
export const eimIdTypes = { eimIdTypeOid: 1, eimIdTypeFqdn: 2, eimIdTypeProprietary: 3 } as const;

/** IpaEuiccDataErrorCode, SGP.32 §2.11.2.2. */
export const ipaEuiccDataErrorCodes = {
  incorrectTagList: 1,
  euiccCiPKIdNotFound: 5,
  ecallActive: 104,
  undefinedError,
} as const;

/** Of profileDownloadError, SGP.32 §2.11.2.3. */
export const profileDownloadErrorReasons = { ecallActive: 104, undefinedError } as const;

/** ESipa.InitiateAuthentication, SGP.32 §6.3.2.1; the first ones as on ES9+. */
export const initiateAuthenticationErrorsEsipa = {
  invalidDpAddress: 1,
  euiccVersionNotSupportedByDp: 2,
  ciPKIdNotSupported: 3,
  smdpAddressMismatch: 50,
  smdpOidMismatch: 51,
  invalidEimTransactionId: 52,
  undefinedError,
} as const;

/** ESipa.AuthenticateClient, SGP.32 §6.3.2.2; downloadOrderExpired since v1.3. */
export const authenticateClientErrorsEsipa = {
  eumCertificateInvalid: 1,
  eumCertificateExpired: 2,
  euiccCertificateInvalid: 3,
  euiccCertificateExpired: 4,
  euiccSignatureInvalid: 5,
  matchingIdRefused: 6,
  eidMismatch: 7,
  noEligibleProfile: 8,
  ciPKUnknown: 9,
  invalidTransactionId: 10,
  insufficientMemory: 11,
  downloadOrderExpired: 18,
  pprNotAllowed: 50,
  eventIdUnknown: 56,
  undefinedError,
} as const;

/** ESipa.GetBoundProfilePackage, SGP.32 §6.3.2.3; downloadOrderExpired until v1.2. */
export const getBoundProfilePackageErrorsEsipa = {
  euiccSignatureInvalid: 1,
  confirmationCodeMissing: 2,
  confirmationCodeRefused: 3,
  confirmationCodeRetriesExceeded: 4,
  bppRebindingRefused: 5,
  downloadOrderExpired: 6,
  metadataMismatch: 50,
  invalidTransactionId: 95,
  undefinedError,
} as const;

/** ESipa.CancelSession, SGP.32 §6.3.2.5. */
export const cancelSessionErrorsEsipa = {
  invalidTransactionId: 1,
  euiccSignatureInvalid: 2,
  undefinedError,
} as const;

/** ESipa.GetEimPackage, SGP.32 §6.3.2.6. */
export const eimPackageErrors = {
  noEimPackageAvailable: 1,
  eidNotFound: 2,
  invalidEid: 3,
  missingEid: 4,
  undefinedError,
} as const;

/** The eIM's answer to ESipa.ProvideEimPackageResult, SGP.32 §6.3.2.7. */
export const provideEimPackageResultErrors = {
  eidNotFound: 2,
  invalidEid: 3,
  missingEid: 4,
  undefinedError,
} as const;

/** EimPackageResultErrorCode: why an IPA could not process an eIM package. */
export const eimPackageResultErrorCodes = {
  invalidPackageFormat: 1,
  unknownPackage: 2,
  undefinedError,
} as const;

/** StateChangeCause, SGP.32 §6.3.2.6. */
export const stateChangeCauses = {
  otherEim: 0,
  fallback: 1,
  emergencyProfile: 2,
  local: 3,
  reset: 4,
  immediateEnableProfile: 5,
  deviceChange: 6,
  undefined: 127,
} as const;
export type StateChangeCause = keyof typeof stateChangeCauses;

/** ES10b.ProfileRollback, SGP.32 §5.9.16. */
export const profileRollbackResults = {
  ok: 0,
  rollbackNotAllowed: 1,
  catBusy: 5,
  commandError: 7,
  undefinedError,
} as const;

/** ES10b.ImmediateEnable, SGP.32 §5.9.15. */
export const immediateEnableResults = {
  ok: 0,
  immediateEnableNotAvailable: 1,
  noSessionContext: 4,
  catBusy: 5,
  undefinedError,
} as const;

/** ES10b.ConfigureImmediateProfileEnabling, SGP.32 §5.9.17. */
export const configureImmediateProfileEnablingResults = {
  ok: 0,
  insufficientMemory: 1,
  associatedEimAlreadyExists: 2,
  undefinedError,
} as const;

/** ES10b.ExecuteFallbackMechanism, SGP.32 §5.9.20. */
export const executeFallbackMechanismResults = {
  ok: 0,
  profileNotInDisabledState: 2,
  catBusy: 5,
  fallbackNotAvailable: 6,
  commandError: 7,
  ecallActive: 104,
  undefinedError,
} as const;

/** ES10b.ReturnFromFallback, SGP.32 §5.9.21. */
export const returnFromFallbackResults = {
  ok: 0,
  catBusy: 5,
  fallbackNotAvailable: 6,
  commandError: 7,
  undefinedError,
} as const;

/** ES10b.EnableEmergencyProfile, SGP.32 §5.9.22. */
export const enableEmergencyProfileResults = {
  ok: 0,
  profileNotInDisabledState: 2,
  catBusy: 5,
  ecallNotAvailable: 8,
  undefinedError,
} as const;

/** ES10b.DisableEmergencyProfile, SGP.32 §5.9.23; ecallNotAvailable since v1.3. */
export const disableEmergencyProfileResults = {
  ok: 0,
  profileNotInEnabledState: 2,
  catBusy: 5,
  ecallNotAvailable: 8,
  undefinedError,
} as const;

/** ES10b.eUICCMemoryReset, SGP.32 §5.9.5. */
export const memoryResetResults = {
  ok: 0,
  nothingToDelete: 1,
  catBusy: 5,
  ecallActive: 104,
  undefinedError,
} as const;
export const resetEimResults = {
  ok: 0,
  nothingToDelete: 1,
  eimResetNotSupported: 2,
  undefinedError,
} as const;
export const resetImmediateEnableConfigResults = {
  ok: 0,
  resetIECNotSupported: 1,
  undefinedError,
} as const;
