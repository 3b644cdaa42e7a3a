import type { OperatorWithCertificates } from '../smdp/operators/operator-record.ts';
import { progressAddressOf } from '../smdp/operators/progress-report.ts';
import { apiDate } from '../values/date.ts';

/** An operator as JSON. */
export function renderOperator(
  { operator, certificates }: OperatorWithCertificates,
  publicUrl: string,
): string {
  const { sid } = operator;
  return JSON.stringify({
    sid,
    account_sid: operator.account_sid,
    friendly_name: operator.friendly_name,
    requester_identifier: operator.requester_identifier,
    progress_url: operator.progress_url,
    is_told: progressAddressOf(operator) !== undefined,
    certificates: certificates.map(({ fingerprint, subject, validUntil, refused }) => ({
      fingerprint,
      subject,
      valid_until: apiDate(validUntil),
      refused,
    })),
    date_created: operator.date_created,
    date_updated: operator.date_updated,
    date_revoked: operator.date_revoked,
    url: `${publicUrl}/v1/Operators/${sid}`,
    links: { progress_reports: `${publicUrl}/v1/ProgressReports?OperatorSid=${sid}` },
  });
}
