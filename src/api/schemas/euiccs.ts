// Schemas of IoT devices: their eUICCs, and operations on them.
import { resultSignatures } from '../../eim/association.ts';
import { EUICC_STATES } from '../../eim/fleet/groups.ts';
import {
  ECO_KINDS,
  OPERATION_KINDS,
  OPERATION_STATUSES,
  PSMO_KINDS,
} from '../../eim/operations/operation.ts';
import { Type } from 'typebox';
import { date, describedSid, nullable, oneOf, sid, url } from './values.ts';

const ReportedProfiles = Type.Array(
  Type.Object({
    iccid: Type.String(),
    state: oneOf(['enabled', 'disabled'], 'At most one profile is enabled.'),
    service_provider: nullable(Type.String()),
    name: nullable(Type.String()),
    nickname: nullable(Type.String()),
    fallback: Type.Boolean({ description: 'Whether the device falls back to it.' }),
    esim_profile_sid: Type.Optional(
      nullable(describedSid('HP', 'The order of the account that it is, if there is one.')),
    ),
  }),
);

const Rules = Type.Array(
  Type.Object({
    ppr_ids: Type.Array(Type.String()),
    allowed_operators: Type.Array(
      Type.Object({
        mcc: Type.String({ description: '`e` stands for any digit.' }),
        mnc: Type.String(),
        gid1: nullable(Type.String()),
        gid2: nullable(Type.String()),
      }),
    ),
    consent_required: Type.Boolean(),
  }),
  { description: 'The Rules Authorisation Table of the eUICC.' },
);

const EuiccCapabilities = Type.Object(
  {
    ipa_features: nullable(Type.Array(Type.String())),
    ipa_protocols: nullable(Type.Array(Type.String())),
    default_smdp_address: nullable(Type.String()),
    root_smds_address: nullable(Type.String()),
    svn: nullable(Type.String({ description: 'The version of SGP.22 of the eUICC.' })),
    firmware: nullable(Type.String()),
    iot_versions: nullable(
      Type.Array(Type.String(), { description: 'The versions of SGP.32 of the eUICC.' }),
    ),
    fallback: nullable(Type.Boolean()),
  },
  { description: 'As its IPA has told.' },
);

export const Euicc = Type.Object(
  {
    sid: sid('EU'),
    account_sid: sid('AC'),
    eid: Type.String(),
    friendly_name: nullable(Type.String()),
    status: oneOf(EUICC_STATES, '`associated` once it has signed something for this eIM.'),
    has_certificate: Type.Boolean({
      description: 'Whether its certificate is known, with which its results are verified.',
    }),
    counter: Type.Integer({
      description: 'The highest counter that an eUICC package for it has had.',
    }),
    sequence_number: nullable(Type.Integer({ description: 'Of its last result.' })),
    key: Type.Integer({ description: 'The number of the key of the eIM that it trusts.' }),
    result_signature: oneOf(resultSignatures, 'What it signs besides its results.'),
    unsigned_results: Type.Boolean({
      description: 'Whether results are taken that it has not signed.',
    }),
    capabilities: nullable(EuiccCapabilities),
    profiles: nullable({ ...ReportedProfiles, description: 'What is on it, as last reported.' }),
    group_sid: nullable(describedSid('EG', 'The group that it is in.')),
    metadata: Type.Record(Type.String(), Type.String(), {
      description: 'Values by keys of the owner.',
    }),
    date_profiles: nullable(date()),
    date_listed: nullable({
      ...date(),
      description: 'When `profiles` was last listed as a whole; before, there may be others.',
    }),
    default_smdp_address: nullable(Type.String()),
    immediate_enable: nullable(
      Type.Object(
        {
          allowed: Type.Boolean(),
          smdp_oid: nullable(Type.String()),
          smdp_address: nullable(Type.String()),
        },
        { description: 'As this eIM has configured it.' },
      ),
    ),
    eim_ids: nullable(Type.Array(Type.String(), { description: 'The eIMs that it knows.' })),
    date_eim_ids: nullable(date()),
    rules: nullable(Rules),
    date_rules: nullable(date()),
    callback_url: nullable(
      Type.String({
        description: '`none`: no callbacks. User name and password in it are masked as `***:***@`.',
      }),
    ),
    callback_method: oneOf(['GET', 'POST'], 'How it is called.'),
    date_seen: nullable(date()),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ operations: url(), events: url(), onboarding: url() }),
  },
  { $id: 'Euicc', title: 'eUICC that the eIM manages' },
);

export const EuiccOnboarding = Type.Object(
  {
    euicc_sid: sid('EU'),
    eid: Type.String(),
    eim_id: Type.String({ description: 'eimId, by which the eUICC will know the eIM.' }),
    eim_fqdn: Type.String({ description: 'Where the IPA polls it.' }),
    add_initial_eim_request: Type.String({ description: 'AddInitialEimRequest: DER in base64.' }),
    url: url(),
  },
  { $id: 'EuiccOnboarding', title: 'What a device needs to know the eIM' },
);

export const EuiccRange = Type.Object(
  {
    sid: sid('ER'),
    account_sid: sid('AC'),
    eid_prefix: Type.String({ description: 'The first digits of the EIDs.' }),
    limit: Type.Integer({ description: 'How many eUICCs it registers at most.' }),
    registered: Type.Integer({ description: 'How many it has registered.' }),
    result_signature: oneOf(resultSignatures, 'What they sign besides their results.'),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ onboarding: url() }),
  },
  { $id: 'EuiccRange', title: 'EIDs whose eUICCs are registered on first contact' },
);

export const EuiccRangeOnboarding = Type.Object(
  {
    euicc_range_sid: sid('ER'),
    eim_id: Type.String({ description: 'eimId, by which the eUICCs will know the eIM.' }),
    eim_fqdn: Type.String({ description: 'Where the IPAs poll it.' }),
    add_initial_eim_request: Type.String({ description: 'AddInitialEimRequest: DER in base64.' }),
    url: url(),
  },
  { $id: 'EuiccRangeOnboarding', title: 'What all devices of a range need to know the eIM' },
);

export const EUICC_EVENT_STATUSES = [
  ...OPERATION_STATUSES,
  'registered',
  'associated',
  'left',
  'removed',
] as const;

const operationParameters = {
  iccid: Type.Optional(Type.String()),
  rollback: Type.Optional(Type.Boolean()),
  activation_code: Type.Optional(Type.String()),
  contact_default_smdp: Type.Optional(Type.Boolean()),
  contact_smds: Type.Optional(Type.Boolean()),
  smds_address: Type.Optional(Type.String()),
  event_code: Type.Optional(
    Type.String({ description: 'The activation code of what waited at the SM-DS.' }),
  ),
  enable: Type.Optional(Type.Boolean()),
  address: Type.Optional(Type.String()),
  immediate_enable: Type.Optional(Type.Boolean()),
  smdp_oid: Type.Optional(Type.String()),
  configuration: Type.Optional(Type.String()),
  eim_id: Type.Optional(Type.String()),
  key: Type.Optional(Type.Integer()),
};

const returned = {
  profiles: Type.Optional(ReportedProfiles),
  eim_ids: Type.Optional(Type.Array(Type.String())),
  rules: Type.Optional(Rules),
  association_token: Type.Optional(
    Type.Integer({ description: 'Of `addEim`: which the eUICC has made for that eIM.' }),
  ),
};

export const EuiccOperation = Type.Object(
  {
    sid: sid('EO'),
    account_sid: sid('AC'),
    euicc_sid: sid('EU'),
    eid: Type.String(),
    kind: oneOf(OPERATION_KINDS, 'What is to be done.'),
    parameters: Type.Object({
      ...operationParameters,
      commands: Type.Optional(
        Type.Array(
          Type.Object({
            kind: oneOf([...PSMO_KINDS, ...ECO_KINDS], 'What is to be done.'),
            ...operationParameters,
          }),
          { description: 'Of `package`, in their order.' },
        ),
      ),
    }),
    status: oneOf(OPERATION_STATUSES, '`sent`: handed to the device, which has not answered yet.'),
    esim_profile_sid: nullable(describedSid('HP', 'The order that it serves.')),
    bulk_sid: nullable(describedSid('BO', 'The bulk operation that it is part of.')),
    result: nullable(
      Type.Object(
        {
          iccid: Type.Optional(nullable(Type.String({ description: 'Of `download`.' }))),
          ...returned,
          commands: Type.Optional(
            Type.Array(
              Type.Object({
                kind: oneOf([...PSMO_KINDS, ...ECO_KINDS], 'What was done.'),
                code: Type.String({ description: '`ok`, or why it failed.' }),
                ...returned,
              }),
              { description: 'Of `package`: of those that were executed.' },
            ),
          ),
        },
        { description: 'What the eUICC has returned.' },
      ),
    ),
    error_code: nullable(
      Type.String({
        description:
          'Why it failed: the name that SGP.32 or SGP.22 gives it, or ours. Of a `sent` one: why the last attempt has failed, as ' +
          'the IPA says.',
      }),
    ),
    error_message: nullable(Type.String()),
    failed_attempts: Type.Integer({
      description: 'How many attempts have failed, as the IPA alone says; more are made.',
    }),
    history: Type.Array(
      Type.Object({
        status: oneOf(OPERATION_STATUSES, 'That it got then.'),
        date: date(),
        error_code: Type.Optional(Type.String()),
      }),
      { description: 'Its statuses, oldest first.' },
    ),
    callback_url: nullable(
      Type.String({
        description: '`none`: no callbacks. User name and password in it are masked as `***:***@`.',
      }),
    ),
    callback_method: oneOf(['GET', 'POST'], 'How it is called.'),
    date_created: date(),
    date_updated: date(),
    date_sent: nullable(date()),
    date_due: nullable({ ...date(), description: 'It is not handed to the device before.' }),
    date_ended: nullable(date()),
    url: url(),
  },
  { $id: 'EuiccOperation', title: 'Operation on an eUICC' },
);

export const EuiccOperationPreview = Type.Object(
  {
    dry_run: Type.Literal(true),
    kind: EuiccOperation.properties.kind,
    parameters: EuiccOperation.properties.parameters,
    package: Type.String({
      description:
        'What would be sent, in ASN.1 value notation, if it were sent now: the counter is the next one, and the transaction ID is ' +
        'any. An eUICC package is not signed yet.',
    }),
  },
  { $id: 'EuiccOperationPreview', title: 'What would be sent for an operation' },
);

export const EuiccEvent = Type.Object(
  {
    sid: sid('EV'),
    account_sid: sid('AC'),
    euicc_sid: sid('EU'),
    eid: Type.String(),
    operation_sid: nullable(describedSid('EO', 'Null: it is about the eUICC itself.')),
    kind: nullable(oneOf(OPERATION_KINDS, 'Of the operation.')),
    status: oneOf(EUICC_EVENT_STATUSES, 'Of the operation, or else of the eUICC, after the event.'),
    previous_status: nullable(oneOf(EUICC_EVENT_STATUSES, 'Before it; null: it is new.')),
    changed: nullable(
      oneOf(
        ['date_seen', 'attempt'],
        'If the status is the previous one: its device has polled for the first time, or an attempt has failed.',
      ),
    ),
    error_code: nullable(Type.String()),
    date_created: date(),
  },
  { $id: 'EuiccEvent', title: 'Event of an eUICC' },
);

export const StreamedEuiccEvent = Type.Object(
  {
    event: Type.Ref('EuiccEvent#'),
    euicc: nullable(Type.Ref('Euicc#')),
    operation: nullable(Type.Ref('EuiccOperation#')),
  },
  {
    $id: 'StreamedEuiccEvent',
    title: 'Data of a server-sent event about an eUICC',
    description:
      'An event, and the eUICC and its operation at the time of sending, as far as they are still there.',
  },
);

export const EuiccPackage = Type.Object(
  {
    number: Type.Integer({ description: 'From 1, for each eUICC.' }),
    account_sid: sid('AC'),
    euicc_sid: sid('EU'),
    operation_sid: sid('EO'),
    state: oneOf(
      ['open', 'resolved', 'dead'],
      '`open`: no result has come yet; `resolved` by one; `dead`: without one, and no longer sent.',
    ),
    counter: nullable(Type.Integer({ description: 'counterValue of an eUICC package.' })),
    transaction_id: Type.String({ description: 'eimTransactionId, hexadecimal.' }),
    rsp_transaction_id: nullable(
      Type.String({ description: 'TransactionID at the SM-DP+, of a download.' }),
    ),
    sent: Type.Integer({ description: 'How often it was handed out, polls within a minute once.' }),
    request: Type.String({ description: 'What was sent, in ASN.1 value notation.' }),
    request_der: Type.String({ description: 'What was sent: DER in base64.' }),
    response: nullable(Type.String({ description: 'What came back, in ASN.1 value notation.' })),
    response_der: nullable(Type.String({ description: 'What came back: DER in base64.' })),
    date_created: date(),
    date_sent: date(),
    date_ended: nullable(date()),
  },
  { $id: 'EuiccPackage', title: 'Package of an operation on an eUICC' },
);
