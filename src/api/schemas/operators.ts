// Schemas of operators over ES2+, and of what they are told.
import { notificationPoints } from '../../es2plus/notification-points.ts';
import { PROGRESS_STATES } from '../../smdp/operators/progress-report.ts';
import { Type } from 'typebox';
import { attempts } from './callbacks.ts';
import { date, nullable, oneOf, sid, url } from './values.ts';

export const Operator = Type.Object(
  {
    sid: sid('OP'),
    account_sid: sid('AC'),
    friendly_name: Type.String(),
    requester_identifier: nullable(
      Type.String({ description: 'The only functionRequesterIdentifier that it may use.' }),
    ),
    progress_url: nullable(
      Type.String({ description: 'Base of the URL to which progress is reported.' }),
    ),
    is_told: Type.Boolean({
      description: 'Whether progress is reported to it: it has an address, and is not revoked.',
    }),
    certificates: Type.Array(
      Type.Object({
        fingerprint: Type.String({ description: 'SHA-256, in hexadecimal digits.' }),
        subject: Type.String(),
        valid_until: date(),
        refused: nullable(
          Type.String({
            description: 'Why it is not accepted now, for instance revoked by its CA.',
          }),
        ),
      }),
      { description: 'Those that have not ended, the one that lasts longest first.' },
    ),
    date_created: date(),
    date_updated: date(),
    date_revoked: nullable(date()),
    url: url(),
    links: Type.Object({ progress_reports: url() }),
  },
  { $id: 'Operator', title: 'Operator over ES2+' },
);

export const ProgressReport = Type.Object(
  {
    sid: sid('PR'),
    account_sid: sid('AC'),
    operator_sid: sid('OP'),
    iccid: Type.String(),
    eid: nullable(Type.String()),
    profile_type: Type.String(),
    notification_point_id: Type.Integer(),
    notification_point: nullable(
      oneOf(Object.keys(notificationPoints), 'The notification point in words.'),
    ),
    status: oneOf(
      ['Executed-Success', 'Executed-WithWarning', 'Failed'],
      '`Executed-WithWarning`: something went wrong, but the order is unchanged. `Failed`: it has ended.',
    ),
    status_code: nullable(Type.String({ description: 'SUBJECT/REASON (SGP.22 §5.2.6).' })),
    message: nullable(Type.String()),
    timestamp: date(),
    function_call_identifier: Type.String({ description: 'The same in every attempt.' }),
    result_data: nullable(
      Type.String({ description: 'base64 of the ProfileInstallationResult (SGP.22 §2.5.6).' }),
    ),
    state: oneOf(
      PROGRESS_STATES,
      '`kept`: it is not sent, because the operator has no address for it, or is revoked.',
    ),
    attempts,
    next_attempt_at: nullable(date()),
    date_created: date(),
    date_settled: nullable(date()),
    url: url(),
  },
  { $id: 'ProgressReport', title: 'Report of progress to an operator' },
);
