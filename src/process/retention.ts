// How long what is past its use is kept, and how often it is deleted.
const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

export const HOUSEKEEPING_EVERY_MS = HOUR_MS;
/** The logs of callbacks and of reports to operators are kept for a month. */
export const OUTBOX_LIFETIME_MS = 30 * DAY_MS;
/** Events that have been deleted at an SM-DS are listed for a month. */
export const SMDS_EVENT_KEPT_MS = 30 * DAY_MS;
/** Idempotency-Keys are kept for a day, as clients expect. */
export const IDEMPOTENCY_KEY_LIFETIME_MS = DAY_MS;
/** A rented SM-DP+ repeats a report for less than a month. */
export const REPORT_LIFETIME_MS = 30 * DAY_MS;
/** Install links are listed for a month after they have expired. */
export const INSTALL_LINK_KEPT_MS = 30 * DAY_MS;
/** Operations of the eIM, with the packages that they sent, are kept for three months after they have ended. */
export const EIM_OPERATION_KEPT_MS = 90 * DAY_MS;
/** Notifications of eUICCs that their SM-DP+ does not take are given up after a month. */
export const EIM_NOTIFICATION_KEPT_MS = 30 * DAY_MS;
