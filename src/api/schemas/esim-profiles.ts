// Schemas of eSIM Profiles, their events, RSP logs and reports.
import { ESIM_PROFILE_STATUSES } from '../../operator/esim-profile.ts';
import { Type } from 'typebox';
import { date, describedSid, nullable, oneOf, sid, url } from './values.ts';

export const EsimProfile = Type.Object(
  {
    sid: sid('HP'),
    account_sid: sid('AC'),
    iccid: nullable(Type.String({ description: 'ICCID of the Sim.' })),
    sim_sid: nullable(sid('HS')),
    status: oneOf(ESIM_PROFILE_STATUSES, 'How far the profile has got.'),
    eid: nullable(Type.String({ description: 'The eUICC that can claim the profile.' })),
    smdp_plus_address: nullable(
      Type.String({ description: 'Host of the SM-DP+, with its port if it is not 443.' }),
    ),
    matching_id: nullable(Type.String()),
    activation_code: nullable(
      Type.String({ description: 'Activation code (SGP.22 §4.1) without the prefix `LPA:`.' }),
    ),
    error_code: nullable(Type.String()),
    error_message: nullable(Type.String()),
    date_created: date(),
    date_updated: date(),
    expires_at: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Ours, if it has one: when the order ends unless the profile is downloaded.',
      }),
    ),
    replaces_sid: Type.Optional(
      describedSid('HP', 'Ours, if there is one: the ended order that this one replaces.'),
    ),
    replaced_by_sid: Type.Optional(
      describedSid('HP', 'Ours, if there is one: the order that replaces this one.'),
    ),
    profile_type: Type.Optional(
      Type.String({
        description:
          'Ours, if it has one: the type of its subscription, or before it has one, that of the order.',
      }),
    ),
    friendly_name: Type.Optional(Type.String({ description: 'Ours, if it has one.' })),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Ours, if it has any.' }),
    ),
    batch_sid: Type.Optional(
      describedSid('BT', 'Ours, if there is one: the batch in which it was ordered.'),
    ),
    url: url(),
  },
  { $id: 'EsimProfile', title: 'eSIM Profile' },
);

export const EsimProfileEvent = Type.Object(
  {
    sid: sid('EV'),
    account_sid: sid('AC'),
    esim_profile_sid: sid('HP'),
    type: oneOf(
      ['status', 'change', 'notification'],
      'A change of status, a change of something else by the owner, or a report of the device.',
    ),
    status: oneOf(ESIM_PROFILE_STATUSES, 'The status after the event.'),
    previous_status: nullable(oneOf(ESIM_PROFILE_STATUSES, 'The status before it.')),
    cause: Type.String(),
    detail: nullable(Type.String()),
    date_created: date(),
  },
  { $id: 'EsimProfileEvent', title: 'Event of an eSIM Profile' },
);

export const StreamedEvent = Type.Object(
  { event: Type.Ref('EsimProfileEvent#'), esim_profile: Type.Ref('EsimProfile#') },
  {
    $id: 'StreamedEvent',
    title: 'Data of a server-sent event',
    description: 'An event, and the eSIM Profile at the time of sending.',
  },
);

export const RspLogEntry = Type.Object(
  {
    sid: sid('RL'),
    account_sid: sid('AC'),
    esim_profile_sid: sid('HP'),
    function: Type.String({
      description:
        'The function of ES9+ (SGP.22 §5.6) that a device called, or of ES12 (§5.9), RegisterEvent or DeleteEvent, that was ' +
        'called at an SM-DS.',
    }),
    binding: Type.Union([Type.Literal('json'), Type.Literal('asn1')], {
      description: 'How the call was written: in JSON (§6.5) or in ASN.1 (§6.6).',
    }),
    transaction_id: nullable(Type.String()),
    eid: nullable(Type.String({ description: 'The eUICC, once authenticated.' })),
    tac: nullable(Type.String({ description: 'Type allocation code of the device.' })),
    imei: nullable(Type.String()),
    lpa: nullable(Type.String({ description: 'User-Agent of the LPA.' })),
    address: nullable(
      Type.String({ description: 'Network address of the caller; of ES12, the SM-DS.' }),
    ),
    duration_ms: Type.Integer({ minimum: 0 }),
    status: Type.String({ description: 'functionExecutionStatus: Executed-Success or Failed.' }),
    subject_code: nullable(Type.String()),
    subject: nullable(Type.String({ description: 'The subject code in words.' })),
    reason_code: nullable(Type.String()),
    reason: nullable(Type.String({ description: 'The reason code in words.' })),
    message: nullable(Type.String()),
    request: Type.String({
      description: 'The message in ASN.1 value notation, without secrets; of ES12, as JSON.',
    }),
    response: nullable(Type.String({ description: 'The response in ASN.1 value notation.' })),
    date_created: date(),
  },
  { $id: 'RspLogEntry', title: 'ES9+ call about an eSIM Profile' },
);

const reportedMessages = Type.Array(
  Type.Object({
    name: Type.String({ description: 'The type of the message (SGP.22).' }),
    der: Type.String({ description: 'Its bytes, upper-case hexadecimal.' }),
    altered: Type.Boolean({
      description:
        'Whether a matching ID in it was replaced by asterisks, so its signature does not fit.',
    }),
  }),
  {
    description:
      'Those without secrets; others are only in ASN.1 value notation, without the secret.',
  },
);

const reportedCertificates = Type.Array(
  Type.Object({
    role: Type.String(),
    subject: Type.String(),
    issuer: Type.String(),
    serial_number: Type.String(),
    not_before: date(),
    not_after: date(),
    fingerprint: Type.String({ description: 'SHA-256, upper-case hexadecimal.' }),
    pem: Type.String(),
  }),
);

export const ProfileReport = Type.Object(
  {
    report: Type.Object({
      version: Type.Integer({ description: 'Of this format; members may be added.' }),
      date_created: date(),
      server: Type.Object({ version: Type.String(), smdp_plus_address: Type.String() }),
      activation_codes: Type.Enum(['hidden', 'shown'], { type: 'string' }),
      incomplete: Type.Array(Type.String(), {
        description: 'Members of which only the newest entries are here.',
      }),
    }),
    esim_profile: Type.Ref('EsimProfile#'),
    events: Type.Array(Type.Ref('EsimProfileEvent#'), { description: 'Oldest first.' }),
    callbacks: Type.Array(
      Type.Object({
        sid: sid('CB'),
        receiver: Type.String({ description: 'The origin of the URL, nothing else of it.' }),
        status: nullable(Type.String({ description: 'The status that it reports.' })),
        state: Type.Enum(['pending', 'delivered', 'failed'], { type: 'string' }),
        attempts: Type.Array(
          Type.Object({
            attempt: Type.Integer({ minimum: 1 }),
            date_started: date(),
            duration_ms: Type.Integer({ minimum: 0 }),
            status_code: nullable(Type.Integer()),
            error: nullable(Type.String()),
          }),
        ),
        date_created: date(),
      }),
      { description: 'Oldest first.' },
    ),
    calls: Type.Array(
      Type.Object({
        ...RspLogEntry.properties,
        messages: Type.Object({ request: reportedMessages, response: reportedMessages }),
      }),
      { description: 'Oldest first.' },
    ),
    certificates: Type.Object({ server: reportedCertificates, devices: reportedCertificates }),
  },
  { $id: 'ProfileReport', title: 'Report on an eSIM Profile' },
);
