// Schemas of the API's responses, from which the OpenAPI document is generated.
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { resultSignatures } from '../eim/association.ts';
import {
  ECO_KINDS,
  OPERATION_KINDS,
  OPERATION_STATUSES,
  PSMO_KINDS,
} from '../eim/operations/operation.ts';
import { BULK_STATUSES } from '../eim/fleet/bulk.ts';
import { BULK_ITEM_STATES } from '../eim/fleet/bulk-items.ts';
import { EUICC_STATES } from '../eim/fleet/groups.ts';
import { BATCH_STATUSES } from '../operator/batch/batch.ts';
import { ITEM_STATES } from '../operator/batch/batch-items.ts';
import { SCOPE_TEXTS, SCOPES } from '../operator/account/scope.ts';
import { ESIM_PROFILE_STATUSES } from '../operator/esim-profile.ts';
import { RELEASE_AGAIN } from '../operator/release-policy.ts';
import { USABLE_STATUSES } from '../operator/qr/qr-labels.ts';
import { SIM_STATUSES } from '../operator/sim.ts';
import { KEPT_PROBLEMS } from '../smdp/stock/stock-import.ts';
import { PREVIEWED_ROWS } from '../smdp/stock/stock-preview.ts';
import { PROFILE_STATES } from '../smdp/stock/stock.ts';
import { notificationPoints } from '../es2plus/notification-points.ts';
import { PROGRESS_STATES } from '../smdp/operators/progress-report.ts';
import { Forecast, Statistics } from './statistics-schemas.ts';

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** A string in a fixed format, which `title` describes, also in error messages. */
export const sid = (prefix: string) =>
  Type.String({
    pattern: `^${prefix}[0-9a-fA-F]{32}$`,
    title: `${prefix} and 32 hexadecimal digits`,
    minLength: 34,
    maxLength: 34,
  });
const describedSid = (prefix: string, description: string) => ({ ...sid(prefix), description });
const date = () => Type.String({ format: 'date-time', examples: ['2020-09-01T20:00:00Z'] });
const url = () => Type.String({ format: 'uri' });
export const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description, type: 'string' });

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

const number = (description: string) => Type.Integer({ minimum: 0, description });

export const Batch = Type.Object(
  {
    sid: sid('BT'),
    account_sid: sid('AC'),
    status: oneOf(
      BATCH_STATUSES,
      '`completed`: every item has an eSIM Profile or an error. `failed`: all or nothing was wanted, and there was not enough ' +
        'stock. `cancelled`: by its owner; what was ordered by then stays.',
    ),
    all_or_nothing: Type.Boolean(),
    count: number('Items.'),
    pending: number('Items that will be ordered.'),
    ordered: number('Items with an eSIM Profile.'),
    refused: number('Items with an error.'),
    not_ordered: number(
      'Items that will not be ordered, since the batch has failed or was cancelled.',
    ),
    reserved: number('Subscriptions that are taken from stock for items that are not ordered.'),
    esim_profiles: Type.Optional(
      Type.Object(
        Object.fromEntries(
          ESIM_PROFILE_STATUSES.map((status) => [status, Type.Integer({ minimum: 0 })]),
        ),
        { description: 'How many of its eSIM Profiles have each status now. Not in lists.' },
      ),
    ),
    error_code: nullable(Type.String()),
    error_message: nullable(Type.String()),
    date_created: date(),
    date_updated: date(),
    date_completed: nullable(date()),
    url: url(),
    links: Type.Object({
      items: url(),
      result: url(),
      esim_profiles: url(),
      qr_sheet: url(),
      qr_codes: url(),
    }),
  },
  { $id: 'Batch', title: 'Batch of orders' },
);

export const BatchItem = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'Its number in the request, from 1.' }),
    state: oneOf(
      ITEM_STATES,
      '`refused`: its order was not valid. `not-ordered`: the batch has failed, or was cancelled.',
    ),
    error: nullable(Type.String({ description: 'Of one that is refused: expected and found.' })),
    esim_profile: nullable(Type.Ref('EsimProfile#')),
  },
  { $id: 'BatchItem', title: 'Item of a batch' },
);

const batchProblems = {
  problem_count: number('Items that are not valid.'),
  problems: Type.Array(
    Type.Object({ item: Type.Integer({ minimum: 1 }), message: Type.String() }),
    { description: 'The first of them.' },
  ),
};

export const BatchSurvey = Type.Object(
  {
    dry_run: Type.Literal(true),
    all_or_nothing: Type.Boolean(),
    count: number('Items.'),
    valid: number('Items that would be ordered.'),
    orderable: number('Items for which the stock has a subscription now.'),
    stock: Type.Array(
      Type.Object({
        profile_type: nullable(Type.String({ description: 'Null: items that take any.' })),
        wanted: number('Items.'),
        available: number('Subscriptions in stock, counted up to the most that a batch can have.'),
      }),
    ),
    ...batchProblems,
  },
  { $id: 'BatchSurvey', title: 'What a batch would do' },
);

export const Install = Type.Object(
  {
    esim_profile_sid: sid('HP'),
    account_sid: sid('AC'),
    status: oneOf(USABLE_STATUSES, '`downloaded`: only for the device that has downloaded it.'),
    lpa: Type.String({ description: '`LPA:` and the activation code, as in the QR code.' }),
    smdp_plus_address: Type.String({ description: 'To be entered by hand.' }),
    matching_id: Type.String({
      description: 'To be entered by hand: phones call it activation code.',
    }),
    confirmation_code_required: Type.Boolean({
      description: 'Whether the device will ask for the confirmation code.',
    }),
    apple_url: Type.String({
      format: 'uri',
      description: 'Tapped on an iPhone or iPad, from iOS 17.4, it begins the installation.',
    }),
    android_url: Type.String({
      format: 'uri',
      description: 'The same for Android, by convention: not all devices follow it.',
    }),
    url: url(),
    links: Type.Object({ qr_code: url(), install_links: url() }),
  },
  { $id: 'Install', title: 'How an eSIM Profile is installed' },
);

const installLinkFields = {
  sid: sid('IL'),
  account_sid: sid('AC'),
  esim_profile_sid: sid('HP'),
  state: oneOf(['active', 'expired', 'revoked'], 'Only an active link has a page.'),
  date_created: date(),
  date_expires: date(),
  date_revoked: nullable(date()),
  url: url(),
};

export const InstallLink = Type.Object(installLinkFields, {
  $id: 'InstallLink',
  title: 'Install link',
});

export const NewInstallLink = Type.Object(
  {
    ...installLinkFields,
    page_url: Type.String({ format: 'uri', description: 'The page to send. Shown only once.' }),
  },
  { $id: 'NewInstallLink', title: 'Install link with the URL of its page' },
);

export const Brand = Type.Object(
  {
    account_sid: sid('AC'),
    name: nullable(Type.String()),
    accent_color: nullable(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
    support_text: nullable(Type.String()),
    support_url: nullable(Type.String()),
    logo: nullable(Type.String({ description: 'A `data:` URL of the image.' })),
    date_updated: nullable(date()),
    url: url(),
  },
  { $id: 'Brand', title: 'Brand of the account' },
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

export const Sim = Type.Object(
  {
    sid: sid('HS'),
    account_sid: sid('AC'),
    unique_name: nullable(Type.String()),
    status: oneOf(SIM_STATUSES, 'Whether the Sim may connect.'),
    fleet_sid: nullable(sid('HF')),
    iccid: Type.String(),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ billing_periods: url(), sim_ip_addresses: url() }),
  },
  { $id: 'Sim', title: 'Sim' },
);

const attempts = Type.Array(
  Type.Object({
    attempt: Type.Integer({ minimum: 1 }),
    date_started: date(),
    duration_ms: Type.Integer({ minimum: 0 }),
    status_code: nullable(Type.Integer({ description: 'HTTP status of the response.' })),
    error: nullable(
      Type.String({ description: 'Why there was no response, or why it was not accepted.' }),
    ),
    response: nullable(Type.String({ description: 'The beginning of the response body.' })),
  }),
  { description: 'Oldest first.' },
);

export const Callback = Type.Object(
  {
    sid: sid('CB'),
    account_sid: sid('AC'),
    esim_profile_sid: nullable(sid('HP')),
    sim_sid: nullable(sid('HS')),
    batch_sid: Type.Optional(describedSid('BT', 'The batch that has ended, if it is about one.')),
    euicc_sid: Type.Optional(
      describedSid('EU', 'Ours, only of a callback about an eUICC, or an operation on it.'),
    ),
    bulk_operation_sid: Type.Optional(
      describedSid('BO', 'The bulk operation that it is about, if it is about one.'),
    ),
    stock_threshold_sid: Type.Optional(
      describedSid('ST', 'Ours, only of a callback about the stock.'),
    ),
    callback_url: Type.String({
      description: 'Where it is sent; a user name and password in it are masked as `***:***@`.',
    }),
    callback_method: Type.Enum(['GET', 'POST'], { type: 'string' }),
    parameters: Type.Record(Type.String(), Type.String(), {
      description: 'What it tells the receiver.',
    }),
    state: Type.Enum(['pending', 'delivered', 'failed'], { type: 'string' }),
    attempts,
    next_attempt_at: nullable(date()),
    date_created: date(),
    date_settled: nullable(date()),
    url: url(),
  },
  { $id: 'Callback', title: 'Callback' },
);

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

export const Count = Type.Object(
  {
    count: Type.Integer({ minimum: 0 }),
    more: Type.Boolean({
      description:
        'Whether there are more, or may be: the limit is reached, or the filters leave too little of what they are read from.',
    }),
  },
  { $id: 'Count', title: 'How many records a list has' },
);

export const CallbackTest = Type.Object(
  {
    sid: sid('CB'),
    account_sid: sid('AC'),
    callback_url: Type.String({ description: 'User name and password in it are `***`.' }),
    callback_method: oneOf(['GET', 'POST'], 'How it was called.'),
    parameters: Type.Record(Type.String(), Type.String(), {
      description: 'What was sent, with `Test` `true`.',
    }),
    state: oneOf(['delivered', 'failed'], '`delivered`: the receiver answered with 2xx.'),
    date_started: date(),
    duration_ms: Type.Integer({ minimum: 0 }),
    status_code: nullable(Type.Integer({ description: 'HTTP status of the response, if any.' })),
    error: nullable(Type.String({ description: 'Why it failed.' })),
    response: nullable(Type.String({ description: 'The beginning of the response.' })),
  },
  { $id: 'CallbackTest', title: 'Outcome of a test of a receiver' },
);

export const RehearsalStep = Type.Object(
  {
    step: Type.String({
      description:
        '`ordered`, a status, a function of ES9+ or ES10, `enabled`, `disabled`, `deleted`, or `callback`; last `finished` ' +
        'or `failed`.',
    }),
    ok: Type.Boolean({ description: 'Whether it is as it should be, as a delivered callback is.' }),
    detail: Type.String(),
    esim_profile_sid: nullable(sid('HP')),
    date: date(),
  },
  { $id: 'RehearsalStep', title: 'Step of a rehearsal' },
);

export const CallbackRetry = Type.Object(
  {
    retried: Type.Integer({ minimum: 0, description: 'Callbacks, or reports, that are due now.' }),
    next_url: nullable(
      Type.String({ format: 'uri', description: 'Where to POST for the next batch, if any.' }),
    ),
  },
  { $id: 'CallbackRetry', title: 'Result of a retry of callbacks, or reports' },
);

/** What each scope means. */
export const SCOPE_LIST = `${SCOPES.map((scope) => `\`${scope}\`: ${SCOPE_TEXTS[scope]}`).join('; ')}.`;

export const Account = Type.Object(
  {
    sid: sid('AC'),
    friendly_name: Type.String(),
    scope: oneOf(SCOPES, 'What the caller may do.'),
    smdp_plus: oneOf(
      ['built-in', 'rented'],
      'Where the profiles come from: a `rented` SM-DP+ (`SIMWRIGHT_SMDP`) has the stock, and this server has none.',
    ),
    smdp_plus_address: Type.String({ description: 'As in the eSIM Profiles of the account.' }),
    eim_id: nullable(
      Type.String({
        description: 'eimId of the eIM; null: there is none (`SIMWRIGHT_ESIPA_PORT`).',
      }),
    ),
    eim_fqdn: nullable(Type.String({ description: 'Where IPAs poll it.' })),
    version: Type.String({ description: 'Version of the server.' }),
    release_again: oneOf(
      RELEASE_AGAIN,
      'When the subscription of an order is released again as a new order, without being asked.',
    ),
    callback_url: nullable(
      Type.String({
        description:
          'Called about orders and Sims that have no `CallbackUrl` of their own. User name and password in it are `***`.',
      }),
    ),
    callback_method: oneOf(['GET', 'POST'], 'How it is called.'),
    euicc_callbacks: Type.Boolean({
      description: 'Whether it is called about eUICCs of the eIM, and operations on them, as well.',
    }),
    date_created: date(),
    url: url(),
  },
  { $id: 'Account', title: 'Account' },
);

export const CallbackSecret = Type.Object(
  {
    account_sid: sid('AC'),
    secret: Type.String({
      pattern: '^whsec_[A-Za-z0-9+/]{43}=$',
      description: 'Signs callbacks: `whsec_` and the key in base64, as in Standard Webhooks.',
    }),
    previous_secret: nullable(
      Type.String({ description: 'The one before, while it signs as well.' }),
    ),
    previous_until: nullable(date()),
    url: url(),
  },
  { $id: 'CallbackSecret', title: 'Secret that signs callbacks' },
);

const keyFields = {
  sid: sid('SK'),
  account_sid: sid('AC'),
  friendly_name: Type.String(),
  scope: oneOf(SCOPES, SCOPE_LIST),
  date_created: date(),
  date_revoked: nullable(date()),
  url: url(),
};

export const Key = Type.Object(keyFields, { $id: 'Key', title: 'API key' });

export const NewKey = Type.Object(
  { ...keyFields, secret: Type.String({ description: 'Shown only once.' }) },
  { $id: 'NewKey', title: 'API key with its secret' },
);

const fields = (description: string) =>
  nullable(Type.Record(Type.String(), Type.Unknown(), { description }));

export const AuditEntry = Type.Object(
  {
    sid: sid('AE'),
    account_sid: sid('AC'),
    date_created: date(),
    operation: Type.String({
      description:
        'An `operationId`, the name of a command, a function of ES2+, or what the server does itself.',
    }),
    outcome: oneOf(['done', 'denied'], 'Denied requests are counted, and entered together.'),
    actor: Type.Object(
      {
        name: Type.String({ description: 'What the filter `Actor` takes.' }),
        type: oneOf(
          ['account', 'key', 'console', 'operator', 'command', 'server'],
          'With an auth token or an API key; in the console; over ES2+; on the command line; the server itself.',
        ),
        sid: Type.Optional(
          Type.String({
            description: 'Of the account, API key or operator whose credentials were used.',
          }),
        ),
        scope: Type.Optional(Type.String({ description: 'Of the credentials.' })),
        session: Type.Optional(
          Type.String({ description: 'Tells sessions of the console apart.' }),
        ),
        user: Type.Optional(Type.String({ description: 'On the command line.' })),
        host: Type.Optional(Type.String({ description: 'The machine of the command line.' })),
      },
      { description: 'Who did it.' },
    ),
    address: nullable(Type.String({ description: 'Network address of the client.' })),
    changes: Type.Array(
      Type.Object({
        subject: Type.String({ description: 'SID, ICCID or name of what was changed.' }),
        request_id: nullable(Type.String({ description: 'As in `Twilio-Request-Id`.' })),
        before: fields('What has changed of it, as it was; secrets are never in it.'),
        after: fields('As it is since.'),
      }),
      { description: 'One, or as many as the caller has made at the same time.' },
    ),
    sealed: Type.Boolean({
      description: 'Whether it is part of the chain already, which takes seconds.',
    }),
    url: url(),
  },
  { $id: 'AuditEntry', title: 'Entry of the audit log' },
);

const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) });

export const Stock = Type.Object(
  {
    account_sid: sid('AC'),
    profile_types: Type.Array(
      Type.Object({
        profile_type: Type.String(),
        available: count(),
        ordered: count('Assigned to an order, not yet downloaded.'),
        in_use: count('Downloaded or installed.'),
        unusable: count('Failed or withdrawn.'),
        total: count(),
        states: Type.Object(Object.fromEntries(PROFILE_STATES.map((state) => [state, count()])), {
          description: 'Subscriptions in each state of SGP.22 §3.1.6.',
        }),
        iccid_ranges: Type.Array(
          Type.Object({
            first: Type.String({ description: 'The lowest ICCID of the range that is in stock.' }),
            last: Type.String({ description: 'The highest.' }),
            available: count('How many in stock lie between them; there may be gaps.'),
          }),
          {
            description:
              'In ascending order, at most 20. A range is of ICCIDs that share all but their last seven digits, with ' +
              'those before and after it, as long as any is in stock.',
          },
        ),
        more_iccid_ranges: count('How many more ranges there are.'),
        threshold: nullable(
          Type.Object({
            sid: sid('ST'),
            threshold: Type.Integer({ minimum: 1 }),
            state: oneOf(
              ['sufficient', 'low'],
              'As last told. Checked every few seconds; `sufficient` again a tenth above the threshold.',
            ),
            callback_url: nullable(
              Type.String({ description: 'A user name and password in it are masked.' }),
            ),
            callback_method: Type.Enum(['GET', 'POST'], { type: 'string' }),
            date_updated: date(),
          }),
        ),
        forecast: Type.Ref('Forecast#'),
      }),
    ),
    url: url(),
  },
  { $id: 'Stock', title: 'Stock' },
);

export const StockImport = Type.Object(
  {
    imported: count(),
    already_in_stock: count(),
    dry_run: Type.Boolean(),
    ignored_columns: Type.Array(Type.String(), {
      description: 'Columns that were ignored, by name or number.',
    }),
  },
  { $id: 'StockImport', title: 'What was imported, or would be' },
);

const fileProblem = Type.Object({
  line: Type.Integer({ minimum: 1 }),
  column: nullable(Type.String()),
  message: Type.String({ description: 'What was expected and what was found.' }),
});

export const StockPreview = Type.Object(
  {
    encoding: Type.Enum(['utf-8', 'utf-16le', 'utf-16be'], { type: 'string' }),
    delimiter: Type.String({ description: 'A space stands for any number of spaces and tabs.' }),
    header_line: nullable(
      Type.Integer({
        minimum: 1,
        description: 'The line with the column names; null if there is none.',
      }),
    ),
    columns: Type.Array(
      Type.Object({
        number: Type.Integer({ minimum: 1 }),
        name: nullable(Type.String({ description: 'As in the file.' })),
        field: nullable(
          Type.String({ description: 'The field it is read as; null: it is ignored.' }),
        ),
      }),
    ),
    rows: Type.Array(
      Type.Object({
        line: Type.Integer({ minimum: 1 }),
        cells: Type.Array(Type.String(), {
          description: 'A value for each column, or only its length if it may be a secret.',
        }),
      }),
      { maxItems: PREVIEWED_ROWS },
    ),
    problems: Type.Array(fileProblem, {
      description: 'Problems with the column names and with these rows.',
    }),
  },
  { $id: 'StockPreview', title: 'Preview of a stock file' },
);

export const Meta = Type.Object(
  {
    first_page_url: url(),
    key: Type.String({ description: 'Name of the property that contains the records.' }),
    next_page_url: nullable(url()),
    page: Type.Integer({ minimum: 0 }),
    page_size: Type.Integer({ minimum: 1, maximum: 1000 }),
    previous_page_url: nullable(url()),
    url: url(),
  },
  { $id: 'Meta', title: 'Paging data of a list' },
);

const errorFields = {
  code: Type.Integer({ description: 'Code of the error dictionary.' }),
  detail: Type.Optional(Type.String()),
  message: Type.String(),
  more_info: url(),
  status: Type.Integer({ description: 'The HTTP status.' }),
};

export const ErrorBody = Type.Object(errorFields, { $id: 'Error', title: 'Error' });

export const StockImportError = Type.Object(
  {
    ...errorFields,
    problem_count: Type.Optional(count()),
    problems: Type.Optional(
      Type.Array(fileProblem, {
        maxItems: KEPT_PROBLEMS,
        description: 'The first problems, in the order of the file.',
      }),
    ),
  },
  { $id: 'StockImportError', title: 'Error of a stock file' },
);

export const OrderConflict = Type.Object(
  {
    ...errorFields,
    details: Type.Optional(
      Type.Object({
        status: Type.Optional(oneOf(ESIM_PROFILE_STATUSES, 'The status of the order.')),
        allowed_statuses: Type.Optional(
          Type.Array(oneOf(ESIM_PROFILE_STATUSES, ''), {
            description: 'Statuses that would allow it, if it is a matter of the status.',
          }),
        ),
        function: Type.Optional(
          Type.String({ description: 'The function of ES2+ that the SM-DP+ refused.' }),
        ),
        subject_code: Type.Optional(Type.String({ description: 'SGP.22 §5.2.6.1.' })),
        reason_code: Type.Optional(Type.String({ description: 'SGP.22 §5.2.6.2.' })),
      }),
    ),
  },
  { $id: 'OrderConflict', title: 'Error of a change that an order does not allow' },
);

export const BatchError = Type.Object(
  {
    ...errorFields,
    problem_count: Type.Optional(batchProblems.problem_count),
    problems: Type.Optional(batchProblems.problems),
  },
  { $id: 'BatchError', title: 'Error of a batch' },
);

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
      Type.String({ description: 'User name and password in it are masked as `***:***@`.' }),
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
      Type.String({ description: 'User name and password in it are masked as `***:***@`.' }),
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

export const EuiccGroup = Type.Object(
  {
    sid: sid('EG'),
    account_sid: sid('AC'),
    name: Type.String({ description: 'Unique in the account.' }),
    euiccs: Type.Optional(
      Type.Object(Object.fromEntries(EUICC_STATES.map((state) => [state, number('')])), {
        description: 'How many eUICCs of the group have each status. Not in lists.',
      }),
    ),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ euiccs: url(), onboarding: url() }),
  },
  { $id: 'EuiccGroup', title: 'Group of eUICCs' },
);

export const EuiccImport = Type.Object(
  {
    dry_run: Type.Boolean(),
    count: number('Items.'),
    registered: number('eUICCs that are registered now.'),
    updated: number('Those that were there, and have changed.'),
    unchanged: number('Those that were there, and are as they were.'),
    refused: number('Items that are wrong.'),
    ...batchProblems,
  },
  { $id: 'EuiccImport', title: 'What a registration of many has done' },
);

export const BulkSurvey = Type.Object(
  {
    dry_run: Type.Literal(true),
    count: number('eUICCs.'),
    valid: number('eUICCs that would be given their operation.'),
    ...batchProblems,
  },
  { $id: 'BulkSurvey', title: 'What a bulk operation would be about' },
);

export const BulkOperation = Type.Object(
  {
    sid: sid('BO'),
    account_sid: sid('AC'),
    status: oneOf(
      BULK_STATUSES,
      '`paused`: by its owner, or after its canaries. `halted`: too many have failed, or a canary has. `completed`: every eUICC ' +
        'has ended, or its time is over. `cancelled`: by its owner.',
    ),
    kind: EuiccOperation.properties.kind,
    parameters: EuiccOperation.properties.parameters,
    order: nullable(
      Type.Object(
        {
          profile_type: nullable(Type.String()),
          friendly_name: nullable(Type.String()),
          metadata: Type.Record(Type.String(), Type.String()),
        },
        { description: 'The order that is placed for each eUICC.' },
      ),
    ),
    target: Type.Object(
      {
        group_sid: Type.Optional(sid('EG')),
        all_euiccs: Type.Optional(Type.Boolean()),
        list: Type.Optional(Type.Boolean()),
        status: Type.Optional(Type.Array(Type.String())),
        metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
        seen_after: Type.Optional(date()),
        seen_before: Type.Optional(date()),
        batch_sid: Type.Optional(Type.String()),
        profile: Type.Optional(Type.String()),
      },
      { description: 'How the eUICCs were chosen, with the filters.' },
    ),
    count: number('eUICCs, with those that are refused.'),
    refused: number('Those that could not be given an operation.'),
    counts: Type.Optional(
      Type.Object(
        {
          waiting: number('Will be given their operation.'),
          queued: number('Have it, and their device has not fetched it.'),
          sent: number('Their device has fetched it, and has not answered.'),
          completed: number('Have done it.'),
          failed: number('Have not been able to.'),
          cancelled: number('Theirs was taken back.'),
          refused: number('Could not be given one.'),
          not_sent: number('Were not given theirs before it ended, or were removed.'),
        },
        { description: 'How many eUICCs are in each state. Not in lists.' },
      ),
    ),
    rate: nullable(number('eUICCs that are given their operation in a minute.')),
    maximum_failures: nullable(Type.String()),
    canary: nullable(number('How many eUICCs go first.')),
    canary_approval: Type.Boolean(),
    is_canary: Type.Boolean({ description: 'Whether these are under way.' }),
    error_code: nullable(
      Type.String({
        description:
          'Why it is halted, paused or has ended: `maximumFailures`, `canaryFailed`, `canaryPassed`, `expired`.',
      }),
    ),
    error_message: nullable(Type.String()),
    expires_at: date(),
    date_created: date(),
    date_updated: date(),
    date_ended: nullable(date()),
    url: url(),
    links: Type.Object({ items: url(), result: url() }),
  },
  { $id: 'BulkOperation', title: 'Bulk operation on eUICCs' },
);

export const BulkOperationItem = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'Its number, from 1.' }),
    eid: nullable(Type.String()),
    state: oneOf(
      BULK_ITEM_STATES,
      'That of its operation. `waiting`: it has none yet. `refused`: it could not be given one. `not-sent`: it was not given ' +
        'one before the end, or was removed.',
    ),
    error_code: nullable(Type.String()),
    error_message: nullable(Type.String()),
    iccid: nullable(Type.String({ description: 'Of the profile that it is about.' })),
    esim_profile_sid: nullable(sid('HP')),
    kind: nullable(Type.String({ description: 'Of its last operation.' })),
    operation_sid: nullable(sid('EO')),
    euicc_sid: nullable(sid('EU')),
    date_created: nullable(date()),
    date_sent: nullable(date()),
    date_ended: nullable(date()),
  },
  { $id: 'BulkOperationItem', title: 'Item of a bulk operation' },
);

export const COMPONENTS = [
  EsimProfile,
  EsimProfileEvent,
  StreamedEvent,
  Batch,
  BatchItem,
  BatchSurvey,
  BatchError,
  Install,
  InstallLink,
  NewInstallLink,
  RspLogEntry,
  ProfileReport,
  Callback,
  CallbackRetry,
  CallbackTest,
  Euicc,
  EuiccOnboarding,
  EuiccOperation,
  EuiccEvent,
  StreamedEuiccEvent,
  EuiccPackage,
  EuiccGroup,
  EuiccImport,
  BulkOperation,
  BulkOperationItem,
  BulkSurvey,
  Operator,
  ProgressReport,
  RehearsalStep,
  Count,
  Sim,
  Stock,
  Forecast,
  Statistics,
  StockImport,
  StockPreview,
  Account,
  CallbackSecret,
  Brand,
  Key,
  NewKey,
  AuditEntry,
  Meta,
  ErrorBody,
  OrderConflict,
  StockImportError,
];

export type Component =
  | 'EsimProfile'
  | 'EsimProfileEvent'
  | 'StreamedEvent'
  | 'Batch'
  | 'BatchItem'
  | 'BatchSurvey'
  | 'BatchError'
  | 'Install'
  | 'InstallLink'
  | 'NewInstallLink'
  | 'RspLogEntry'
  | 'ProfileReport'
  | 'Callback'
  | 'CallbackRetry'
  | 'CallbackTest'
  | 'Euicc'
  | 'EuiccOnboarding'
  | 'EuiccOperation'
  | 'EuiccEvent'
  | 'StreamedEuiccEvent'
  | 'EuiccPackage'
  | 'EuiccGroup'
  | 'EuiccImport'
  | 'BulkOperation'
  | 'BulkOperationItem'
  | 'BulkSurvey'
  | 'Operator'
  | 'ProgressReport'
  | 'RehearsalStep'
  | 'Count'
  | 'Sim'
  | 'Stock'
  | 'Forecast'
  | 'Statistics'
  | 'StockImport'
  | 'StockPreview'
  | 'Account'
  | 'CallbackSecret'
  | 'Brand'
  | 'Key'
  | 'NewKey'
  | 'AuditEntry'
  | 'Meta'
  | 'Error'
  | 'OrderConflict'
  | 'StockImportError';

/** A reference to a schema of `COMPONENTS`. */
export const ref = (name: Component) => Type.Ref(`${name}#`);

export const listOf = (key: string, record: Component) =>
  Type.Object({ [key]: Type.Array(ref(record)), meta: ref('Meta') });
