// Examples of operators.
import { ACCOUNT_SID, BASE } from './example-values.ts';

export const OPERATOR_EXAMPLES = {
  Operator: {
    sid: 'OP01a223adcc1f7001b54957d402fa3ad2',
    account_sid: ACCOUNT_SID,
    friendly_name: 'Example Mobile',
    requester_identifier: 'mno.example.com',
    progress_url: 'https://es2plus.mno.example.com',
    is_told: true,
    certificates: [
      {
        fingerprint: '9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08',
        subject: 'es2plus.mno.example.com',
        valid_until: '2028-11-23T15:07:59Z',
        refused: null,
      },
    ],
    date_created: '2026-11-23T15:07:59Z',
    date_updated: '2026-11-23T15:07:59Z',
    date_revoked: null,
    url: `${BASE}/v1/Operators/OP01a223adcc1f7001b54957d402fa3ad2`,
    links: {
      progress_reports: `${BASE}/v1/ProgressReports?OperatorSid=OP01a223adcc1f7001b54957d402fa3ad2`,
    },
  },
  ProgressReport: {
    sid: 'PR01a223adcc1f7001b54957d402fa3ad2',
    account_sid: ACCOUNT_SID,
    operator_sid: 'OP01a223adcc1f7001b54957d402fa3ad2',
    iccid: '8999901000000000013',
    eid: '89049032000000000000000000000163',
    profile_type: 'default',
    notification_point_id: 3,
    notification_point: 'bppDownload',
    status: 'Executed-Success',
    status_code: null,
    message: null,
    timestamp: '2026-11-23T15:07:59Z',
    function_call_identifier: '0d4f4d2c-7f0a-4f33-9d5e-0a8f7a1c1f20',
    result_data: null,
    state: 'delivered',
    attempts: [
      {
        attempt: 1,
        date_started: '2026-11-23T15:07:59Z',
        duration_ms: 37,
        status_code: 204,
        error: null,
        response: null,
      },
    ],
    next_attempt_at: null,
    date_created: '2026-11-23T15:07:59Z',
    date_settled: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/ProgressReports/PR01a223adcc1f7001b54957d402fa3ad2`,
  },
};
