// §5.3.5: the steps of a download at which an SM-DP+ tells the operator how it went.

/**
 * notificationPointId. Those from 5 on are not in version 2 of the standard: SM-DP+s in the field use these numbers for
 * what a device tells of an installed profile.
 */
export const notificationPoints = {
  eligibilityAndRetryLimitCheck: 1,
  confirmationFailure: 2,
  bppDownload: 3,
  bppInstallation: 4,
  deleted: 5,
  enabled: 101,
  disabled: 102,
} as const;
export type NotificationPoint = keyof typeof notificationPoints;
