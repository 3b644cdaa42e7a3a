// What a receiver of callbacks is sent (docs/callbacks.md), for the OpenAPI document. operator/callback.ts says it, and
// webhook/send.ts sends it.
import { Type } from 'typebox';
import type { TObject, TSchema } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../operator/esim-profile.ts';
import { SIM_STATUSES } from '../operator/sim.ts';
import { EXAMPLES } from './answer-examples.ts';
import { oneOf, sid } from './answer-schemas.ts';
import { describe } from './parameter-schemas.ts';

const FORM = 'application/x-www-form-urlencoded';

/** A `CallbackUrl` with a user and a password has them sent. */
export const WEBHOOK_SECURITY = {
  callbackUrl: {
    type: 'http' as const,
    scheme: 'basic',
    description: 'Of callbacks: the user and the password of the `CallbackUrl`, where it has them.',
  },
};

const text = (description: string) => Type.String({ description });
const always = {
  AccountSid: describe(sid('AC'), 'The account that it belongs to.'),
  ApiVersion: oneOf(['v1'], 'The version of the API.'),
};
const dateUpdated = Type.String({
  format: 'date-time',
  description: 'When it happened.',
});

const EsimProfileCallback = Type.Object({
  ...always,
  ESimProfileSid: describe(sid('HP'), 'The eSIM Profile.'),
  Status: oneOf(ESIM_PROFILE_STATUSES, 'The status that it has now.'),
  PreviousStatus: oneOf(ESIM_PROFILE_STATUSES, 'The status that it had before.'),
  SimSid: Type.Optional(describe(sid('HS'), 'Its Sim, once it is reserved.')),
  Iccid: Type.Optional(text('ICCID of the Sim, once it is reserved.')),
  Eid: Type.Optional(text('The eUICC that can claim the profile, or has it.')),
  SmdpPlusAddress: Type.Optional(text('Host of the SM-DP+, with its port if it is not 443.')),
  MatchingId: Type.Optional(text('With `GenerateMatchingId`, once it is available.')),
  ActivationCode: Type.Optional(text('Activation code without the prefix `LPA:`.')),
  ErrorCode: Type.Optional(text('Why it has failed.')),
  ErrorMessage: Type.Optional(text('Why it has failed, in words.')),
  DateUpdated: dateUpdated,
});

const SimCallback = Type.Object({
  ...always,
  SimSid: describe(sid('HS'), 'The Sim.'),
  Iccid: text('ICCID of the Sim.'),
  Status: oneOf(SIM_STATUSES, 'The status that it has now.'),
  SimUniqueName: Type.Optional(text('The name of the Sim, where it has one.')),
  FleetSid: Type.Optional(describe(sid('HF'), 'The Fleet that the Sim is said to belong to.')),
  DateUpdated: dateUpdated,
});

const HEADERS = [
  {
    name: 'X-Twilio-Signature',
    in: 'header' as const,
    required: true,
    description:
      'Proves who calls: base64 of HMAC-SHA1, under the auth token of the account, over the URL as it is called and, ' +
      'by POST, every parameter with its value, in the order of the names.',
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
];

const RESPONSES = {
  '2XX': { description: 'Any 2xx: it was received. Put long work off, and answer at once.' },
  default: {
    description:
      'Anything else, a redirect too, and silence for 15 seconds: it comes again after 5 s, 30 s, 2 min and so on for ' +
      'some 28 hours, later if `Retry-After` says so.',
  },
};

type Described = Record<string, TSchema & { description: string }>;

/** The callback by POST, and by GET, with its parameters in the query. */
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

/** By what has happened. */
export const WEBHOOKS = {
  esimProfileStatus: webhook(
    'EsimProfileStatusCallback',
    'The status of an eSIM Profile has changed',
    EsimProfileCallback,
    parameters,
  ),
  simStatus: webhook('SimStatusCallback', 'The status of a Sim has changed', SimCallback, {
    AccountSid: parameters.AccountSid,
    ApiVersion: 'v1',
    SimSid: parameters.SimSid,
    Iccid: parameters.Iccid,
    Status: 'active',
    DateUpdated: parameters.DateUpdated,
  }),
};
