// The callbacks that a receiver gets (docs/callbacks.md), for the OpenAPI document. operator/callback.ts writes them,
// webhook/send.ts sends them.
import { Type } from 'typebox';
import type { TObject, TSchema } from 'typebox';
import { BULK_STATUSES } from '../eim/fleet/bulk.ts';
import { BATCH_STATUSES } from '../operator/batch/batch.ts';
import { ESIM_PROFILE_STATUSES } from '../operator/esim-profile.ts';
import { SIM_STATUSES } from '../operator/sim.ts';
import { EXAMPLES } from './answer-examples.ts';
import { EUICC_EVENT_STATUSES } from './schemas/euiccs.ts';
import { oneOf, sid } from './schemas/values.ts';
import { describe } from './parameter-schemas.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The user name and password in a `CallbackUrl` are sent. */
export const WEBHOOK_SECURITY = {
  callbackUrl: {
    type: 'http' as const,
    scheme: 'basic',
    description: 'For callbacks: user name and password from the `CallbackUrl`, if it has them.',
  },
};

const text = (description: string) => Type.String({ description });
const always = {
  AccountSid: describe(sid('AC'), 'The account that the resource belongs to.'),
  ApiVersion: oneOf(['v1'], 'The version of the API.'),
};
const dateUpdated = Type.String({
  format: 'date-time',
  description: 'When the status changed.',
});

const EsimProfileCallback = Type.Object({
  Test: Type.Optional(
    text('`true`: a test of the receiver, about no eSIM Profile: answer 2xx, and do nothing.'),
  ),
  ...always,
  ESimProfileSid: describe(sid('HP'), 'The eSIM Profile.'),
  Status: oneOf(ESIM_PROFILE_STATUSES, 'The new status.'),
  PreviousStatus: oneOf(ESIM_PROFILE_STATUSES, 'The previous status.'),
  Changed: Type.Optional(
    text(
      'If the status is the previous one: what has changed instead, separated by commas: `MatchingId`, `Eid`, ' +
        '`ConfirmationCode`, `ExpiresAt`, `ReplacedBySid`, `FriendlyName`, `Metadata`.',
    ),
  ),
  SimSid: Type.Optional(describe(sid('HS'), 'Its Sim, once reserved.')),
  Iccid: Type.Optional(text('ICCID of the Sim, once reserved.')),
  Eid: Type.Optional(text('The eUICC that can claim the profile, or has it.')),
  SmdpPlusAddress: Type.Optional(text('Host of the SM-DP+, with its port if it is not 443.')),
  MatchingId: Type.Optional(text('With `GenerateMatchingId`, once available.')),
  ActivationCode: Type.Optional(text('Activation code without the prefix `LPA:`.')),
  ErrorCode: Type.Optional(text('Why it failed.')),
  ErrorMessage: Type.Optional(text('Why it failed, in words.')),
  ExpiresAt: Type.Optional(text('When the order ends unless the profile is downloaded.')),
  ReplacesSid: Type.Optional(describe(sid('HP'), 'The ended order that this one replaces.')),
  ReplacedBySid: Type.Optional(describe(sid('HP'), 'The order that replaces this one.')),
  ProfileType: Type.Optional(text('The type of its subscription; before, that of the order.')),
  FriendlyName: Type.Optional(text('Its name for people.')),
  Metadata: Type.Optional(text('Its metadata as JSON: an object of texts.')),
  BatchSid: Type.Optional(describe(sid('BT'), 'The batch in which it was ordered.')),
  DateUpdated: dateUpdated,
});

const SimCallback = Type.Object({
  ...always,
  SimSid: describe(sid('HS'), 'The Sim.'),
  Iccid: text('ICCID of the Sim.'),
  Status: oneOf(SIM_STATUSES, 'The new status.'),
  SimUniqueName: Type.Optional(text('The name of the Sim, if it has one.')),
  FleetSid: Type.Optional(describe(sid('HF'), 'The Fleet set for the Sim.')),
  DateUpdated: dateUpdated,
});

const BatchCallback = Type.Object({
  ...always,
  BatchSid: describe(sid('BT'), 'The batch.'),
  Status: oneOf(
    BATCH_STATUSES.filter((status) => status !== 'running'),
    'How it has ended.',
  ),
  Count: text('Its items.'),
  Ordered: text('Items with an eSIM Profile.'),
  Refused: text('Items with an error.'),
  ErrorCode: Type.Optional(text('Why it failed.')),
  ErrorMessage: Type.Optional(text('Why it failed, in words.')),
  DateCompleted: Type.String({ format: 'date-time', description: 'When it ended.' }),
});

const BulkCallback = Type.Object({
  ...always,
  BulkOperationSid: describe(sid('BO'), 'The bulk operation.'),
  Kind: text('What is to be done.'),
  Status: oneOf(
    BULK_STATUSES.filter((status) => status !== 'running'),
    'What it is now.',
  ),
  Count: text('Its eUICCs.'),
  Completed: text('Those that have done it.'),
  Failed: text('Those that have not been able to.'),
  Cancelled: text('Those whose operation was taken back.'),
  Refused: text('Those that could not be given one.'),
  NotSent: text('Those that were not given theirs before it ended.'),
  ErrorCode: Type.Optional(text('Why it is halted, paused or has ended.')),
  ErrorMessage: Type.Optional(text('The same in words.')),
  DateUpdated: dateUpdated,
});

const StockCallback = Type.Object({
  ...always,
  StockThresholdSid: describe(sid('ST'), 'The threshold of the profile type.'),
  ProfileType: text('The profile type.'),
  Status: oneOf(['sufficient', 'low'], 'Whether fewer are in stock than the threshold.'),
  PreviousStatus: oneOf(['sufficient', 'low'], 'What it was before.'),
  Available: text('How many are in stock; once there is enough again: at least.'),
  Threshold: text('The threshold.'),
  DateUpdated: describe(dateUpdated, 'When that was found.'),
});

const EuiccCallback = Type.Object({
  ...always,
  EuiccSid: describe(sid('EU'), 'The eUICC.'),
  Eid: text('Its EID.'),
  OperationSid: Type.Optional(
    describe(sid('EO'), 'The operation that it is about; without it, about the eUICC itself.'),
  ),
  Kind: Type.Optional(text('Of the operation.')),
  Status: oneOf(EUICC_EVENT_STATUSES, 'The new status.'),
  PreviousStatus: Type.Optional(oneOf(EUICC_EVENT_STATUSES, 'The previous status.')),
  Changed: Type.Optional(
    text(
      'If the status is the previous one: `DateSeen`, its device has polled for the first time, or `Attempt`, one has failed.',
    ),
  ),
  ESimProfileSid: Type.Optional(describe(sid('HP'), 'The order that the operation is about.')),
  Iccid: Type.Optional(text('The profile that the operation is about.')),
  ErrorCode: Type.Optional(text('Why it failed.')),
  ErrorMessage: Type.Optional(text('Why it failed, in words.')),
  FriendlyName: Type.Optional(text('Of the eUICC.')),
  DateUpdated: dateUpdated,
});

const HEADERS = [
  {
    name: 'X-Twilio-Signature',
    in: 'header' as const,
    required: true,
    description:
      'Proves the origin: base64 of HMAC-SHA1, keyed with the auth token of the account, over the URL as called and, ' +
      'for POST, every parameter name with its value, sorted by name.',
    schema: { type: 'string' as const, pattern: '^[A-Za-z0-9+/]{27}=$' },
    example: 'l9Ud0fgXoPzgmGdDEXdsn+BC+0o=',
  },
  {
    name: 'I-Twilio-Idempotency-Token',
    in: 'header' as const,
    required: true,
    description:
      'SID of the callback: the same in every attempt to deliver it, and in no other callback.',
    schema: { type: 'string' as const, pattern: '^CB[0-9a-f]{32}$' },
    example: EXAMPLES.Callback.sid,
  },
  {
    name: 'webhook-id',
    in: 'header' as const,
    required: true,
    description: 'Standard Webhooks: SID of the callback, the same in every attempt.',
    schema: { type: 'string' as const, pattern: '^CB[0-9a-f]{32}$' },
    example: EXAMPLES.Callback.sid,
  },
  {
    name: 'webhook-timestamp',
    in: 'header' as const,
    required: true,
    description:
      'Standard Webhooks: time of this attempt, in seconds since 1970. Refuse what is older than some minutes.',
    schema: { type: 'string' as const, pattern: '^[0-9]+$' },
    example: '1795446479',
  },
  {
    name: 'webhook-signature',
    in: 'header' as const,
    required: true,
    description:
      'Standard Webhooks: one signature for each secret of the account in use, separated by spaces: `v1,` and base64 of ' +
      'HMAC-SHA256 over `ID.TIMESTAMP.CONTENT`, where the content is the body or, by GET, the query as called.',
    schema: {
      type: 'string' as const,
      pattern: '^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$',
    },
    example: 'v1,tdQgFgBf9R5F20HDt87sSLdorw8Wx1dR+L4jG7YqxAg=',
  },
  {
    name: 'X-Request-Id',
    in: 'header' as const,
    required: false,
    description:
      'The `Twilio-Request-Id` of the request that has led to the callback, if it was one of the API.',
    schema: { type: 'string' as const, pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{7,63}$' },
    example: 'RQ3f2a1c0b9d8e7f6a5b4c3d2e1f0a9b8c',
  },
];

const RESPONSES = {
  '2XX': { description: 'Any 2xx: received. Answer at once and do long work afterwards.' },
  default: {
    description:
      'Anything else, including a redirect or no response for 15 seconds: it is sent again after 5 s, 30 s, 2 min ' +
      'and so on for about 28 hours, later if `Retry-After` says so.',
  },
};

type Described = Record<string, TSchema & { description: string }>;

/** The callback by POST with a form, and by GET with its parameters in the query. */
function webhook(name: string, summary: string, schema: TObject, example: object) {
  const common = {
    summary,
    tags: ['Callbacks'],
    security: [{}, { callbackUrl: [] }],
    responses: RESPONSES,
  };
  const values: Record<string, unknown> = { ...example };
  return {
    post: {
      ...common,
      operationId: `${name}ByPost`,
      description: '`CallbackMethod` POST, which is the default: the parameters are a form.',
      parameters: HEADERS,
      requestBody: { required: true, content: { [FORM]: { schema, example } } },
    },
    get: {
      ...common,
      operationId: `${name}ByGet`,
      description:
        '`CallbackMethod` GET: the parameters are appended to the query of `CallbackUrl`.',
      parameters: [
        ...HEADERS,
        ...Object.entries(schema.properties as Described).map(([parameter, property]) => ({
          name: parameter,
          in: 'query' as const,
          required: schema.required.includes(parameter as never),
          description: property.description,
          schema: property,
          ...(parameter in values ? { example: values[parameter] } : {}),
        })),
      ],
    },
  };
}

const { parameters } = EXAMPLES.Callback;

/** By event. */
export const WEBHOOKS = {
  esimProfileStatus: webhook(
    'EsimProfileStatusCallback',
    'The status of an eSIM Profile has changed',
    EsimProfileCallback,
    parameters,
  ),
  stockStatus: webhook(
    'StockStatusCallback',
    'A profile type runs low, or there is enough of it again',
    StockCallback,
    {
      AccountSid: parameters.AccountSid,
      ApiVersion: 'v1',
      StockThresholdSid: 'ST01a223add14e7000bc568939837bd071',
      ProfileType: 'default',
      Status: 'low',
      PreviousStatus: 'sufficient',
      Available: '999',
      Threshold: '1000',
      DateUpdated: parameters.DateUpdated,
    },
  ),
  euiccStatus: webhook(
    'EuiccStatusCallback',
    'The status of an eUICC, or of an operation on it, has changed',
    EuiccCallback,
    {
      AccountSid: parameters.AccountSid,
      ApiVersion: 'v1',
      EuiccSid: EXAMPLES.Euicc.sid,
      Eid: EXAMPLES.Euicc.eid,
      OperationSid: EXAMPLES.EuiccOperation.sid,
      Kind: 'enable',
      Status: 'completed',
      PreviousStatus: 'sent',
      Iccid: '89882110000000000014',
      DateUpdated: parameters.DateUpdated,
    },
  ),
  simStatus: webhook('SimStatusCallback', 'The status of a Sim has changed', SimCallback, {
    AccountSid: parameters.AccountSid,
    ApiVersion: 'v1',
    SimSid: parameters.SimSid,
    Iccid: parameters.Iccid,
    Status: 'active',
    DateUpdated: parameters.DateUpdated,
  }),
  bulkStatus: webhook(
    'BulkCallback',
    'A bulk operation is halted, paused after its canaries, or has ended',
    BulkCallback,
    {
      AccountSid: parameters.AccountSid,
      ApiVersion: 'v1',
      BulkOperationSid: EXAMPLES.BulkOperation.sid,
      Kind: 'enable',
      Status: 'halted',
      Count: '10000',
      Completed: '940',
      Failed: '101',
      Cancelled: '0',
      Refused: '3',
      NotSent: '0',
      ErrorCode: 'maximumFailures',
      ErrorMessage: '101 eUICCs have failed, more than 100',
      DateUpdated: parameters.DateUpdated,
    },
  ),
  batchEnd: webhook('BatchCallback', 'A batch has ended', BatchCallback, {
    AccountSid: parameters.AccountSid,
    ApiVersion: 'v1',
    BatchSid: EXAMPLES.Batch.sid,
    Status: 'completed',
    Count: '1000',
    Ordered: '999',
    Refused: '1',
    DateCompleted: parameters.DateUpdated,
  }),
};
