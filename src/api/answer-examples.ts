// An example response of each schema, recorded from a real server, for the OpenAPI document.
import type { TSchema } from 'typebox';
import type { Component } from './answer-schemas.ts';

const BASE = 'http://127.0.0.1:3000';
const ACCOUNT_SID = 'AC68c611b45b7d4a2f8f7888044dcb69c4';
const PROFILE_SID = 'HP01a223adcc047000a8a29c4c72e6360a';
const BATCH_SID = 'BT01a223adf1a070009c1d5e4f3b2a7086';
const GROUP_SID = 'EG01a223adcc1f7001b54957d402fa3ad4';
const BULK_SID = 'BO01a223adcc1f7001b54957d402fa3ad5';
const LINK_SID = 'IL01a223ade9bc70008e4f8e2a8d6f4b17';
const SIM_SID = 'HS01a223adcc127001877ae0d67bba1e16';

const esimProfile = {
  sid: PROFILE_SID,
  account_sid: ACCOUNT_SID,
  iccid: '8999901000000000013',
  sim_sid: SIM_SID,
  status: 'available',
  eid: null,
  smdp_plus_address: 'localhost:8443',
  matching_id: '7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
  activation_code: '1$localhost:8443$7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
  error_code: null,
  error_message: null,
  date_created: '2026-11-23T15:07:59Z',
  date_updated: '2026-11-23T15:07:59Z',
  profile_type: 'default',
  url: `${BASE}/v1/ESimProfiles/${PROFILE_SID}`,
};

const event = {
  sid: 'EV01a223adcc1f70008b7a18a48866bd64',
  account_sid: ACCOUNT_SID,
  esim_profile_sid: PROFILE_SID,
  type: 'status',
  status: 'available',
  previous_status: 'reserving',
  cause: 'released by the SM-DP+',
  detail: null,
  date_created: '2026-11-23T15:07:59Z',
};

const installLink = {
  sid: LINK_SID,
  account_sid: ACCOUNT_SID,
  esim_profile_sid: PROFILE_SID,
  state: 'active',
  date_created: '2026-11-23T15:07:59Z',
  date_expires: '2026-11-30T15:07:59Z',
  date_revoked: null,
  url: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/InstallLinks/${LINK_SID}`,
};

const rspLogEntry = {
  sid: 'RL01a223adcda870008fb7465e24014626',
  account_sid: ACCOUNT_SID,
  esim_profile_sid: PROFILE_SID,
  function: 'initiateAuthentication',
  binding: 'json',
  transaction_id: '688D8E4E3174937F6E9767E369C87E80',
  eid: null,
  tac: null,
  imei: null,
  lpa: 'gsma-rsp-lpad',
  address: '127.0.0.1',
  duration_ms: 0,
  status: 'Executed-Success',
  subject_code: null,
  subject: null,
  reason_code: null,
  reason: null,
  message: null,
  request:
    "value EUICCInfo1 ::= {\n  svn '020500'H -- 2.5.0 --,\n  euiccCiPKIdListForVerification {\n    'A778EE40C3E0959E7ED2E334D28E7E56CA035664'H\n  },\n  euiccCiPKIdListForSigning {\n    'A778EE40C3E0959E7ED2E334D28E7E56CA035664'H\n  }\n}",
  response:
    "value ServerSigned1 ::= {\n  transactionId '688D8E4E3174937F6E9767E369C87E80'H,\n  euiccChallenge '34B48CD9B929B74517B235CD940DBFDA'H,\n  serverAddress \"localhost:8443\",\n  serverChallenge '293E82B25607508B76EED3C866FD5D91'H\n}",
  date_created: '2026-11-23T15:07:59Z',
};

const certificate = (role: string) => ({
  role,
  subject: `O=Example, CN=${role}`,
  issuer: 'O=Example, CN=CI',
  serial_number: '0A',
  not_before: '2026-01-01T00:00:00Z',
  not_after: '2029-01-01T00:00:00Z',
  fingerprint: 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855',
  pem: '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n',
});

const problems = [
  {
    item: 17,
    message: "Invalid parameter Eid: expected 32 hexadecimal digits; got '8904903200500888'",
  },
];

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

/** By the name of its schema. */
const euicc = {
  sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
  account_sid: ACCOUNT_SID,
  eid: '89049032000000000000000000000163',
  friendly_name: 'Pump 7',
  status: 'registered',
  has_certificate: false,
  counter: 0,
  sequence_number: null,
  key: 1,
  result_signature: 'associationToken',
  unsigned_results: false,
  capabilities: null,
  profiles: null,
  group_sid: GROUP_SID,
  metadata: { site: 'north' },
  date_profiles: null,
  date_listed: null,
  default_smdp_address: null,
  immediate_enable: null,
  eim_ids: null,
  date_eim_ids: null,
  rules: null,
  date_rules: null,
  callback_url: null,
  callback_method: 'POST',
  date_seen: null,
  date_created: '2026-11-29T15:07:59Z',
  date_updated: '2026-11-29T15:07:59Z',
  url: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2`,
  links: {
    operations: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2/Operations`,
    events: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2/Events`,
    onboarding: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2/Onboarding`,
  },
};

const euiccOperation = {
  sid: 'EO01a223adcc1f7001b54957d402fa3ad3',
  account_sid: ACCOUNT_SID,
  euicc_sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
  eid: '89049032000000000000000000000163',
  kind: 'enable',
  parameters: { iccid: '89882110000000000014' },
  status: 'queued',
  esim_profile_sid: null,
  bulk_sid: null,
  result: null,
  error_code: null,
  error_message: null,
  failed_attempts: 0,
  history: [{ status: 'queued', date: '2026-11-29T15:07:59Z' }],
  callback_url: null,
  callback_method: 'POST',
  date_created: '2026-11-29T15:07:59Z',
  date_updated: '2026-11-29T15:07:59Z',
  date_sent: null,
  date_due: null,
  date_ended: null,
  url: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2/Operations/EO01a223adcc1f7001b54957d402fa3ad3`,
};

const euiccEvent = {
  sid: 'EV01a223adcc1f7001b54957d402fa3ad5',
  account_sid: ACCOUNT_SID,
  euicc_sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
  eid: '89049032000000000000000000000163',
  operation_sid: 'EO01a223adcc1f7001b54957d402fa3ad3',
  kind: 'enable',
  status: 'queued',
  previous_status: null,
  changed: null,
  error_code: null,
  date_created: '2026-11-29T15:07:59Z',
};

export const EXAMPLES = {
  EsimProfile: esimProfile,
  EsimProfileEvent: event,
  StreamedEvent: { event, esim_profile: esimProfile },
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
  Install: {
    esim_profile_sid: PROFILE_SID,
    account_sid: ACCOUNT_SID,
    status: 'available',
    lpa: 'LPA:1$localhost:8443$7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    smdp_plus_address: 'localhost:8443',
    matching_id: '7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    confirmation_code_required: false,
    apple_url:
      'https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24localhost%3A8443%247EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    android_url:
      'https://esimsetup.android.com/esim_qrcode_provisioning?carddata=LPA%3A1%24localhost%3A8443%247EXRN-B8TR2-PWL7L-93BJU-AXSWY',
    url: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/Install`,
    links: {
      qr_code: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/QrCode`,
      install_links: `${BASE}/v1/ESimProfiles/${PROFILE_SID}/InstallLinks`,
    },
  },
  InstallLink: installLink,
  NewInstallLink: { ...installLink, page_url: `${BASE}/i/jfv7qd8m2xkp5wzb9ct4hn6rya` },
  RspLogEntry: rspLogEntry,
  ProfileReport: {
    report: {
      version: 1,
      date_created: '2026-11-23T16:00:00Z',
      server: { version: '0.1.0', smdp_plus_address: 'localhost:8443' },
      activation_codes: 'hidden',
      incomplete: [],
    },
    esim_profile: {
      ...esimProfile,
      matching_id: '*****-*****-*****-*****-*****',
      activation_code: '1$localhost:8443$*****-*****-*****-*****-*****',
    },
    events: [event],
    callbacks: [
      {
        sid: 'CB01a223adcc1f7001b54957d402fa3ad2',
        receiver: 'https://example.com',
        status: 'available',
        state: 'delivered',
        attempts: [
          {
            attempt: 1,
            date_started: '2026-11-23T15:07:59Z',
            duration_ms: 37,
            status_code: 204,
            error: null,
          },
        ],
        date_created: '2026-11-23T15:07:59Z',
      },
    ],
    calls: [
      {
        ...rspLogEntry,
        messages: {
          request: [
            {
              name: 'EUICCInfo1',
              der: 'BF20358203020500A9160414A778EE40C3E0959E7ED2E334D28E7E56CA035664AA160414A778EE40C3E0959E7ED2E334D28E7E56CA035664',
              altered: false,
            },
          ],
          response: [
            {
              name: 'ServerSigned1',
              der: '30468010688D8E4E3174937F6E9767E369C87E80811034B48CD9B929B74517B235CD940DBFDA830E6C6F63616C686F73743A383434338410293E82B25607508B76EED3C866FD5D91',
              altered: false,
            },
          ],
        },
      },
    ],
    certificates: { server: [certificate('dpAuth')], devices: [certificate('eUICC')] },
  },
  Sim: {
    sid: SIM_SID,
    account_sid: ACCOUNT_SID,
    unique_name: null,
    status: 'new',
    fleet_sid: null,
    iccid: '8999901000000000013',
    date_created: '2026-11-23T15:07:59Z',
    date_updated: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Sims/${SIM_SID}`,
    links: {
      billing_periods: `${BASE}/v1/Sims/${SIM_SID}/BillingPeriods`,
      sim_ip_addresses: `${BASE}/v1/Sims/${SIM_SID}/IpAddresses`,
    },
  },
  Callback: {
    sid: 'CB01a223adcc1f7001b54957d402fa3ad2',
    account_sid: ACCOUNT_SID,
    esim_profile_sid: PROFILE_SID,
    sim_sid: null,
    callback_url: 'https://example.com/status',
    callback_method: 'POST',
    parameters: {
      AccountSid: ACCOUNT_SID,
      ApiVersion: 'v1',
      ESimProfileSid: PROFILE_SID,
      Status: 'available',
      PreviousStatus: 'reserving',
      SimSid: SIM_SID,
      Iccid: '8999901000000000013',
      SmdpPlusAddress: 'localhost:8443',
      MatchingId: '7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
      ActivationCode: '1$localhost:8443$7EXRN-B8TR2-PWL7L-93BJU-AXSWY',
      ProfileType: 'default',
      DateUpdated: '2026-11-23T15:07:59Z',
    },
    state: 'delivered',
    attempts: [
      {
        attempt: 1,
        date_started: '2026-11-23T15:07:59Z',
        duration_ms: 37,
        status_code: 204,
        error: null,
        response: '',
      },
    ],
    next_attempt_at: null,
    date_created: '2026-11-23T15:07:59Z',
    date_settled: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Callbacks/CB01a223adcc1f7001b54957d402fa3ad2`,
  },
  Euicc: euicc,
  EuiccOnboarding: {
    euicc_sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
    eid: '89049032000000000000000000000163',
    eim_id: 'eim.example.com',
    eim_fqdn: 'eim.example.com',
    add_initial_eim_request: 'v1cVoBMwEYAPZWltLmV4YW1wbGUuY29t',
    url: `${BASE}/v1/Euiccs/EU01a223adcc1f7001b54957d402fa3ad2/Onboarding`,
  },
  EuiccRange: {
    sid: 'ER01a223adcc1f7001b54957d402fa3ad5',
    account_sid: ACCOUNT_SID,
    eid_prefix: '89049032',
    limit: 500,
    registered: 0,
    result_signature: 'associationToken',
    date_created: '2026-11-29T15:07:59Z',
    date_updated: '2026-11-29T15:07:59Z',
    url: `${BASE}/v1/EuiccRanges/ER01a223adcc1f7001b54957d402fa3ad5`,
    links: {
      onboarding: `${BASE}/v1/EuiccRanges/ER01a223adcc1f7001b54957d402fa3ad5/Onboarding`,
    },
  },
  EuiccRangeOnboarding: {
    euicc_range_sid: 'ER01a223adcc1f7001b54957d402fa3ad5',
    eim_id: 'eim.example.com',
    eim_fqdn: 'eim.example.com',
    add_initial_eim_request: 'v1cVoBMwEYAPZWltLmV4YW1wbGUuY29t',
    url: `${BASE}/v1/EuiccRanges/ER01a223adcc1f7001b54957d402fa3ad5/Onboarding`,
  },
  EuiccOperation: euiccOperation,
  EuiccOperationPreview: {
    dry_run: true,
    kind: 'disable',
    parameters: { iccid: '89882110000000000014' },
    package:
      'EuiccPackageSigned ::= {\n  eimId "eim.example.com",\n  eidValue \'89049032000000000000000000000163\'H,\n' +
      "  counterValue 8,\n  eimTransactionId '5B0E5D9A3C6F4E1D8A7B2C3D4E5F6071'H,\n  euiccPackage psmoList : {\n    disable : {\n" +
      "      iccid '98881201000000000041'H\n    }\n  }\n}",
  },
  EuiccEvent: euiccEvent,
  StreamedEuiccEvent: { event: euiccEvent, euicc, operation: euiccOperation },
  EuiccPackage: {
    number: 2,
    account_sid: ACCOUNT_SID,
    euicc_sid: 'EU01a223adcc1f7001b54957d402fa3ad2',
    operation_sid: 'EO01a223adcc1f7001b54957d402fa3ad3',
    state: 'open',
    counter: null,
    transaction_id: '5B0E5D9A3C6F4E1D8A7B2C3D4E5F6071',
    rsp_transaction_id: null,
    sent: 1,
    request:
      "IpaEuiccDataRequest ::= {\n  tagList '8183848688A5A6A9'H,\n  eimTransactionId '5B0E5D9A3C6F4E1D8A7B2C3D4E5F6071'H\n}",
    request_der: 'v1IbXAiBg4SGiKWmqYAQWw5dmjxvTh2KeywtPk9gcQ==',
    response: null,
    response_der: null,
    date_created: '2026-11-29T15:07:59Z',
    date_sent: '2026-11-29T15:07:59Z',
    date_ended: null,
  },
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
  Account: {
    sid: ACCOUNT_SID,
    friendly_name: 'First account',
    scope: 'full',
    smdp_plus: 'built-in',
    smdp_plus_address: 'localhost:8443',
    eim_id: 'eim.example.com',
    eim_fqdn: 'eim.example.com',
    version: '0.1.0',
    release_again: 'off',
    callback_url: 'https://example.com/status',
    callback_method: 'POST',
    euicc_callbacks: false,
    date_created: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Account`,
  },
  CallbackSecret: {
    account_sid: ACCOUNT_SID,
    secret: 'whsec_q1VyZk8tWcBoe3mGaJp4n0XhLr7dSiQ2xvUFTEw9Hk0=',
    previous_secret: null,
    previous_until: null,
    url: `${BASE}/v1/Account/CallbackSecret`,
  },
  Brand: {
    account_sid: ACCOUNT_SID,
    name: 'Example Mobile',
    accent_color: '#0b6e4f',
    support_text: 'Questions? Ask us',
    support_url: 'mailto:help@example.com',
    logo: null,
    date_updated: '2026-11-23T15:07:59Z',
    url: `${BASE}/v1/Account/Brand`,
  },
  Key: {
    sid: 'SK01a223add14e7000bc568939837bd071',
    account_sid: ACCOUNT_SID,
    friendly_name: 'Shop',
    scope: 'full',
    date_created: '2026-11-23T15:07:59Z',
    date_revoked: null,
    url: `${BASE}/v1/Keys/SK01a223add14e7000bc568939837bd071`,
  },
  AuditEntry: {
    sid: 'AE01a223add14e7000bc568939837bd072',
    account_sid: ACCOUNT_SID,
    date_created: '2026-11-23T15:07:59Z',
    operation: 'CreateKey',
    outcome: 'done',
    actor: { name: ACCOUNT_SID, type: 'account', sid: ACCOUNT_SID },
    address: '127.0.0.1',
    changes: [
      {
        subject: 'SK01a223add14e7000bc568939837bd071',
        request_id: 'RQ01a223add14d7000bc568939837bd070',
        before: null,
        after: { friendly_name: 'Shop', scope: 'full' },
      },
    ],
    sealed: true,
    url: `${BASE}/v1/AuditEntries/AE01a223add14e7000bc568939837bd072`,
  },
  NewKey: {
    sid: 'SK01a223add14e7000bc568939837bd071',
    account_sid: ACCOUNT_SID,
    friendly_name: 'Shop',
    scope: 'full',
    date_created: '2026-11-23T15:07:59Z',
    date_revoked: null,
    url: `${BASE}/v1/Keys/SK01a223add14e7000bc568939837bd071`,
    secret: '9402c8d424fd7571c0f2183018c7446f',
  },
  Stock: {
    account_sid: ACCOUNT_SID,
    profile_types: [
      {
        profile_type: 'default',
        available: 3,
        ordered: 0,
        in_use: 1,
        unusable: 0,
        total: 4,
        states: {
          Available: 3,
          Allocated: 0,
          Linked: 0,
          Confirmed: 0,
          Released: 0,
          Downloaded: 0,
          Installed: 1,
          Error: 0,
          Unavailable: 0,
        },
        iccid_ranges: [{ first: '8999901000000000026', last: '8999901000000000042', available: 3 }],
        more_iccid_ranges: 0,
        threshold: {
          sid: 'ST01a223add14e7000bc568939837bd071',
          threshold: 1000,
          state: 'low',
          callback_url: 'https://example.com/stock',
          callback_method: 'POST',
          date_updated: '2026-11-23T15:07:59Z',
        },
        forecast: {
          basis: 'rate',
          window_days: 14,
          taken: 574,
          per_day: 41,
          days_left: 0,
          date: '2026-11-23',
        },
      },
    ],
    url: `${BASE}/v1/Stock`,
  },
  Forecast: {
    basis: 'rate',
    window_days: 14,
    taken: 574,
    per_day: 41,
    days_left: 29,
    date: '2026-12-22',
  },
  Statistics: {
    account_sid: ACCOUNT_SID,
    interval: 'day',
    time_zone: 'UTC',
    date_start: '2026-11-23T00:00:00Z',
    date_end: '2026-11-23T15:08:12Z',
    date_counted: null,
    esim_profiles: { new: 0, reserving: 0, available: 2, downloaded: 0, installed: 7, failed: 1 },
    intervals: [
      {
        date_start: '2026-11-23T00:00:00Z',
        entered: { new: 10, reserving: 10, available: 9, downloaded: 7, installed: 7, failed: 1 },
        esim_profiles: {
          new: 0,
          reserving: 0,
          available: 2,
          downloaded: 0,
          installed: 7,
          failed: 1,
        },
      },
    ],
    installations: {
      available: 9,
      installed: 7,
      failed: 0,
      seconds: { median: 300, p90: 3600, p99: 3600 },
      durations: [
        { up_to_seconds: 10, count: 0 },
        { up_to_seconds: 30, count: 0 },
        { up_to_seconds: 60, count: 2 },
        { up_to_seconds: 300, count: 4 },
        { up_to_seconds: 900, count: 0 },
        { up_to_seconds: 3600, count: 1 },
        { up_to_seconds: 14400, count: 0 },
        { up_to_seconds: 43200, count: 0 },
        { up_to_seconds: 86400, count: 0 },
        { up_to_seconds: 259200, count: 0 },
        { up_to_seconds: 604800, count: 0 },
        { up_to_seconds: 2592000, count: 0 },
        { up_to_seconds: null, count: 0 },
      ],
    },
    failures: {
      reservation: 1,
      download: 0,
      ended: 0,
      reasons: [
        {
          stage: 'reservation',
          error_code: '83500',
          error: 'No eSIM Profiles are available',
          count: 1,
        },
      ],
      others: 0,
    },
    devices: [{ tac: '35693803', installed: 7, failed: 0, reasons: [] }],
    euicc_makers: [{ eid_prefix: '89049032', installed: 7, failed: 0, reasons: [] }],
    callbacks: { pending: 0, failed: 0, more: false, oldest_pending: null },
    stock: [
      {
        profile_type: 'default',
        available: 1200,
        forecast: {
          basis: 'rate',
          window_days: 14,
          taken: 574,
          per_day: 41,
          days_left: 29,
          date: '2026-12-22',
        },
      },
    ],
    url: `${BASE}/v1/Statistics`,
  },
  StockImport: {
    imported: 1,
    already_in_stock: 0,
    dry_run: false,
    ignored_columns: [],
  },
  StockPreview: {
    encoding: 'utf-8',
    delimiter: ',',
    header_line: 1,
    columns: [
      {
        number: 1,
        name: 'ICCID',
        field: 'iccid',
      },
      {
        number: 2,
        name: 'IMSI',
        field: 'imsi',
      },
      {
        number: 3,
        name: 'Ki',
        field: 'ki',
      },
      {
        number: 4,
        name: 'OPC',
        field: 'opc',
      },
    ],
    rows: [
      {
        line: 2,
        cells: [
          '8949440000009000074',
          '999700900007',
          '32 hexadecimal digits',
          '32 hexadecimal digits',
        ],
      },
    ],
    problems: [],
  },
  Meta: {
    first_page_url: `${BASE}/v1/ESimProfiles?PageSize=50&Page=0`,
    key: 'esim_profiles',
    next_page_url: null,
    page: 0,
    page_size: 50,
    previous_page_url: null,
    url: `${BASE}/v1/ESimProfiles?PageSize=50&Page=0`,
  },
  OrderConflict: {
    code: 20409,
    message: `${PROFILE_SID} is installed; an order can be cancelled while it is new, reserving, available or downloaded`,
    more_info: 'https://www.twilio.com/docs/errors/20409',
    status: 409,
    details: {
      status: 'installed',
      allowed_statuses: ['new', 'reserving', 'available', 'downloaded'],
    },
  },
  StockImportError: {
    code: 20001,
    message: '4 problems in the file; nothing was imported',
    more_info: 'https://www.twilio.com/docs/errors/20001',
    status: 400,
    problem_count: 4,
    problems: [
      {
        line: 2,
        column: 'iccid',
        message: "expected the check digit 4 at the end; got '8949440000009000075'",
      },
      {
        line: 2,
        column: 'imsi',
        message: "expected 6 to 15 digits; got '1'",
      },
      {
        line: 2,
        column: 'ki',
        message: 'expected 32 hexadecimal digits, or 64 with topc; got 1 character',
      },
      {
        line: 2,
        column: 'opc',
        message: 'expected 32 hexadecimal digits; got 1 character',
      },
    ],
  },
  RehearsalStep: {
    step: 'callback',
    ok: true,
    detail: 'available: answered 204 after 12 ms',
    esim_profile_sid: PROFILE_SID,
    date: '2026-11-23T15:08:00Z',
  },
  CallbackTest: {
    sid: 'CB01a2094acb1a700186b84032a17afeb6',
    account_sid: ACCOUNT_SID,
    callback_url: 'https://example.com/status',
    callback_method: 'POST',
    parameters: {
      Test: 'true',
      AccountSid: ACCOUNT_SID,
      ApiVersion: 'v1',
      ESimProfileSid: `HP${'0'.repeat(32)}`,
      Status: 'available',
      PreviousStatus: 'reserving',
      DateUpdated: '2026-11-23T15:07:59Z',
    },
    state: 'delivered',
    date_started: '2026-11-23T15:07:59Z',
    duration_ms: 41,
    status_code: 204,
    error: null,
    response: '',
  },
  CallbackRetry: { retried: 12, next_url: null },
  Count: { count: 10_000, more: true },
} satisfies Record<Exclude<Component, 'Error'>, object>;

/**
 * Example response of a schema.
 * @param path of the operation, with the examples of its parameters
 */
export function exampleOf(schema: TSchema, path: string): unknown {
  const { $ref, examples, properties, items } = schema as ShownSchema;
  if ($ref !== undefined) return EXAMPLES[$ref.replace('#', '') as keyof typeof EXAMPLES];
  if (examples !== undefined) return examples[0];
  if (items !== undefined) return [exampleOf(items, path)];
  if (properties === undefined) return undefined;
  const [key] = Object.keys(properties);
  const first = `${BASE}${path}?PageSize=50&Page=0`;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      name === 'meta'
        ? { ...EXAMPLES.Meta, key, first_page_url: first, url: first }
        : exampleOf(property, path),
    ]),
  );
}

/** The path of an operation with the SIDs of the examples filled in. */
export function examplePath(path: string): string {
  const sid = path.includes('/Batches/') ? BATCH_SID : PROFILE_SID;
  return path.replace(':Sid', sid).replace(':LinkSid', LINK_SID);
}

interface ShownSchema {
  $ref?: string;
  examples?: unknown[];
  properties?: Record<string, TSchema>;
  items?: TSchema;
}
