// Examples of groups of eUICCs and of bulk operations.
import { ACCOUNT_SID, BASE, BULK_SID, GROUP_SID } from './example-values.ts';

/** Of a bulk operation that is under way. */
export const BULK_COUNTS = {
  waiting: 8_797,
  queued: 210,
  sent: 12,
  completed: 975,
  failed: 3,
  cancelled: 0,
  refused: 3,
  not_sent: 0,
};

export const FLEET_EXAMPLES = {
  EuiccGroup: {
    sid: GROUP_SID,
    account_sid: ACCOUNT_SID,
    name: 'Berlin',
    date_created: '2026-11-30T15:07:59Z',
    date_updated: '2026-11-30T15:07:59Z',
    url: `${BASE}/v1/Euiccs/Groups/${GROUP_SID}`,
    links: {
      euiccs: `${BASE}/v1/Euiccs?Group=${GROUP_SID}`,
      onboarding: `${BASE}/v1/Euiccs/Onboarding?Group=${GROUP_SID}`,
    },
  },
  EuiccImport: {
    dry_run: false,
    count: 10_000,
    registered: 9_998,
    updated: 0,
    unchanged: 1,
    refused: 1,
    problem_count: 1,
    problems: [
      {
        item: 17,
        message:
          'Invalid parameter Eid: expected 32 hexadecimal digits; got "8904903" (line 18 of the file)',
      },
    ],
  },
  BulkSurvey: { dry_run: true, count: 10_000, valid: 10_000, problem_count: 0, problems: [] },
  BulkOperation: {
    sid: BULK_SID,
    account_sid: ACCOUNT_SID,
    status: 'running',
    kind: 'enable',
    parameters: { iccid: '89882110000000000014', rollback: true },
    order: null,
    target: { group_sid: GROUP_SID },
    count: 10_000,
    refused: 3,
    rate: 600,
    maximum_failures: '1%',
    canary: 20,
    canary_approval: false,
    is_canary: false,
    callback_url: null,
    callback_method: 'POST',
    error_code: null,
    error_message: null,
    expires_at: '2026-12-30T15:07:59Z',
    date_created: '2026-11-30T15:07:59Z',
    date_updated: '2026-11-30T15:07:59Z',
    date_ended: null,
    url: `${BASE}/v1/Euiccs/BulkOperations/${BULK_SID}`,
    links: {
      items: `${BASE}/v1/Euiccs/BulkOperations/${BULK_SID}/Items`,
      result: `${BASE}/v1/Euiccs/BulkOperations/${BULK_SID}/Result`,
    },
  },
  BulkOperationItem: {
    item: 1,
    eid: '89049032000000000000000000000163',
    state: 'completed',
    error_code: null,
    error_message: null,
    iccid: '89882110000000000014',
    esim_profile_sid: null,
    kind: 'enable',
    operation_sid: 'EO01a223adcc1f7001b54957d402fa3ad3',
    euicc_sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
    date_created: '2026-11-30T15:07:59Z',
    date_sent: '2026-11-30T15:09:12Z',
    date_ended: '2026-11-30T15:09:14Z',
  },
};
