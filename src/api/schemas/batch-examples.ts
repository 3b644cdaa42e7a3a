// Examples of batches.
import { esimProfile } from './esim-profile-examples.ts';
import { ACCOUNT_SID, BASE, BATCH_SID } from './example-values.ts';

const problems = [
  {
    item: 17,
    message: "Invalid parameter Eid: expected 32 hexadecimal digits; got '8904903200500888'",
  },
];

export const BATCH_EXAMPLES = {
  Batch: {
    sid: BATCH_SID,
    account_sid: ACCOUNT_SID,
    status: 'running',
    all_or_nothing: false,
    count: 100,
    pending: 60,
    ordered: 40,
    refused: 0,
    not_ordered: 0,
    reserved: 0,
    error_code: null,
    error_message: null,
    date_created: '2026-11-23T15:07:59Z',
    date_updated: '2026-11-23T15:07:59Z',
    date_completed: null,
    url: `${BASE}/v1/ESimProfiles/Batches/${BATCH_SID}`,
    links: {
      items: `${BASE}/v1/ESimProfiles/Batches/${BATCH_SID}/Items`,
      result: `${BASE}/v1/ESimProfiles/Batches/${BATCH_SID}/Result`,
      esim_profiles: `${BASE}/v1/ESimProfiles?BatchSid=${BATCH_SID}`,
      qr_sheet: `${BASE}/v1/ESimProfiles/QrSheet?BatchSid=${BATCH_SID}`,
      qr_codes: `${BASE}/v1/ESimProfiles/QrCodes?BatchSid=${BATCH_SID}`,
    },
  },
  BatchItem: {
    item: 1,
    state: 'ordered',
    error: null,
    esim_profile: { ...esimProfile, batch_sid: BATCH_SID },
  },
  BatchSurvey: {
    dry_run: true,
    all_or_nothing: false,
    count: 1000,
    valid: 999,
    orderable: 500,
    stock: [{ profile_type: 'fleet', wanted: 999, available: 500 }],
    problem_count: 1,
    problems,
  },
  BatchError: {
    code: 20001,
    message: `1 item is not valid; nothing is ordered. Item 17: ${problems[0]!.message}`,
    more_info: 'https://www.twilio.com/docs/errors/20001',
    status: 400,
    problem_count: 1,
    problems,
  },
};
