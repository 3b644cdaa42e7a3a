// §5.3.5: the steps of a download about which an SM-DP+ reports to the operator.

/**
 * notificationPointId. Numbers from 5 on are not in version 2 of the standard, but used by SM-DP+s in the field for
 * notifications about installed profiles.
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
