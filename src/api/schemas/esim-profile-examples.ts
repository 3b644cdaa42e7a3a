// Examples of eSIM Profiles.
import { ACCOUNT_SID, BASE, PROFILE_SID, SIM_SID } from './example-values.ts';

export const esimProfile = {
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

export const ESIM_PROFILE_EXAMPLES = {
  EsimProfile: esimProfile,
  EsimProfileEvent: event,
  StreamedEvent: { event, esim_profile: esimProfile },
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
};
