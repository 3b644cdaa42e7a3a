import type { ProgressReport } from '../types.ts';

/** What happened at a notification point (SGP.22 §5.3.5), if all went well. */
const STEPS: Record<string, string> = {
  eligibilityAndRetryLimitCheck: 'download begun',
  confirmationFailure: 'confirmation code entered',
  bppDownload: 'downloaded',
  bppInstallation: 'installed',
  deleted: 'deleted on the device',
  enabled: 'enabled on the device',
  disabled: 'disabled on the device',
};

const FAILURES: Record<string, string> = {
  eligibilityAndRetryLimitCheck: 'download refused',
  confirmationFailure: 'confirmation code wrong',
  bppDownload: 'download cancelled',
  bppInstallation: 'installation failed',
};

/** What a report tells, in a few words. */
export function stepInWords({ notification_point: point, status, ...report }: ProgressReport) {
  const name = point ?? `point ${report.notification_point_id}`;
  if (status === 'Executed-Success') return STEPS[name] ?? name;
  return FAILURES[name] ?? `${name} failed`;
}

/** What became of the order. */
export function effectInWords({ status }: ProgressReport): string {
  if (status === 'Failed') return 'the order has ended';
  return status === 'Executed-WithWarning' ? 'the order goes on' : 'success';
}
