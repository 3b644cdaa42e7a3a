// The named numbers of the RSP messages (§2.5.6, §5.7.5, §5.7.13, §5.7.14; TCA profile package for the profile
// elements): the errors and reasons that an eUICC or LPA reports.

/** AuthenticateErrorCode, §5.7.13. */
export const authenticateErrorCodes = {
  invalidCertificate: 1,
  invalidSignature: 2,
  unsupportedCurve: 3,
  noSessionContext: 4,
  invalidOid: 5,
  euiccChallengeMismatch: 6,
  ciPKUnknown: 7,
  undefinedError: 127,
} as const;
export type AuthenticateErrorCode = keyof typeof authenticateErrorCodes;

/** DownloadErrorCode, §5.7.5. */
export const downloadErrorCodes = {
  invalidCertificate: 1,
  invalidSignature: 2,
  unsupportedCurve: 3,
  noSessionContext: 4,
  invalidTransactionId: 5,
  undefinedError: 127,
} as const;
export type DownloadErrorCode = keyof typeof downloadErrorCodes;

/** CancelSessionReason, §5.7.14. */
export const cancelSessionReasons = {
  endUserRejection: 0,
  postponed: 1,
  timeout: 2,
  pprNotAllowed: 3,
  metadataMismatch: 4,
  loadBppExecutionError: 5,
  undefinedReason: 127,
} as const;
export type CancelSessionReason = keyof typeof cancelSessionReasons;

/** The unsigned response of an eUICC that does not know the session, §5.7.14. */
export const cancelSessionResponseErrors = {
  invalidTransactionId: 5,
  undefinedError: 127,
} as const;

/** BppCommandId: the command of the bound profile package that failed, §2.5.6. */
export const bppCommandIds = {
  initialiseSecureChannel: 0,
  configureISDP: 1,
  storeMetadata: 2,
  storeMetadata2: 3,
  replaceSessionKeys: 4,
  loadProfileElements: 5,
} as const;
export type BppCommandId = keyof typeof bppCommandIds;

/** ErrorReason: why it failed, §2.5.6. */
export const errorReasons = {
  incorrectInputValues: 1,
  invalidSignature: 2,
  invalidTransactionId: 3,
  unsupportedCrtValues: 4,
  unsupportedRemoteOperationType: 5,
  unsupportedProfileClass: 6,
  scp03tStructureError: 7,
  scp03tSecurityError: 8,
  installFailedDueToIccidAlreadyExistsOnEuicc: 9,
  installFailedDueToInsufficientMemoryForProfile: 10,
  installFailedDueToInterruption: 11,
  installFailedDueToPEProcessingError: 12,
  installFailedDueToDataMismatch: 13,
  testProfileInstallFailedDueToInvalidNaaKey: 14,
  pprNotAllowed: 15,
  installFailedDueToUnknownError: 127,
} as const;
export type ErrorReason = keyof typeof errorReasons;

/** PEStatus of the simaResponse (TCA profile package); 24576 to 40959 are ISO 7816 status words. */
export const peStatuses = {
  ok: 0,
  'pe-not-supported': 1,
  'memory-failure': 2,
  'bad-values': 3,
  'not-enough-memory': 4,
  'invalid-request-format': 5,
  'invalid-parameter': 6,
  'runtime-not-supported': 7,
  'lib-not-supported': 8,
  'template-not-supported': 9,
  'feature-not-supported': 10,
  'pin-code-missing': 11,
  'unsupported-profile-version': 31,
} as const;
export type PEStatus = keyof typeof peStatuses;

/** ProfileClass, §5.5.3. */
export const profileClasses = { test: 0, provisioning: 1, operational: 2 } as const;
export type ProfileClass = keyof typeof profileClasses;

/** IconType, §5.5.3. */
export const iconTypes = { jpg: 0, png: 1 } as const;

/** The name of a number in one of the tables, or undefined if the standard has none. */
export function nameOf<Name extends string>(
  table: Readonly<Record<Name, number>>,
  value: number,
): Name | undefined {
  return (Object.keys(table) as Name[]).find((name) => table[name] === value);
}
