// The shapes of the API: what is sent, what is answered. Requests are validated by these schemas and
// the OpenAPI document is made from them.
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { CALLBACK_URL_LIMIT, isCallbackUrl } from '../profile/callback.ts';
import { parseDate } from '../profile/date.ts';
import { EID_PATTERN } from '../profile/eid.ts';
import { ESIM_PROFILE_STATUSES } from '../profile/esim-profile.ts';
import { SIM_STATUSES } from '../profile/sim.ts';
import { MAX_PAGE } from './page.ts';

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** Strings of a fixed form; `title` says which, for errors as for readers. */
const sid = (prefix: string) =>
  Type.String({
    pattern: `^${prefix}[0-9a-fA-F]{32}$`,
    title: `${prefix} and 32 hexadecimal digits`,
    minLength: 34,
    maxLength: 34,
  });
const date = () => Type.String({ format: 'date-time', examples: ['2020-09-01T20:00:00Z'] });
const url = () => Type.String({ format: 'uri' });
const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description, type: 'string' });

export const EsimProfile = Type.Object(
  {
    sid: sid('HP'),
    account_sid: sid('AC'),
    iccid: nullable(Type.String({ description: 'ICCID of the Sim.' })),
    sim_sid: nullable(sid('HS')),
    status: oneOf(ESIM_PROFILE_STATUSES, 'How far the profile has come.'),
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
    url: url(),
  },
  { $id: 'EsimProfile', title: 'eSIM Profile' },
);

export const EsimProfileEvent = Type.Object(
  {
    sid: sid('EV'),
    account_sid: sid('AC'),
    esim_profile_sid: sid('HP'),
    type: Type.Enum(['status', 'notification'], { type: 'string' }),
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
    description: 'An event, and the eSIM Profile as it is when it is told.',
  },
);

export const RspLogEntry = Type.Object(
  {
    sid: sid('RL'),
    account_sid: sid('AC'),
    esim_profile_sid: sid('HP'),
    function: Type.String({ description: 'The ES9+ function (SGP.22 §5.6).' }),
    transaction_id: nullable(Type.String()),
    eid: nullable(Type.String({ description: 'The eUICC, once it has proven who it is.' })),
    tac: nullable(Type.String({ description: 'Type allocation code of the device.' })),
    imei: nullable(Type.String()),
    lpa: nullable(Type.String({ description: 'User-Agent of the LPA.' })),
    address: nullable(Type.String({ description: 'Where the call came from.' })),
    duration_ms: Type.Integer({ minimum: 0 }),
    status: Type.String({ description: 'functionExecutionStatus: Executed-Success or Failed.' }),
    subject_code: nullable(Type.String()),
    subject: nullable(Type.String({ description: 'The subject code in words.' })),
    reason_code: nullable(Type.String()),
    reason: nullable(Type.String({ description: 'The reason code in words.' })),
    message: nullable(Type.String()),
    request: Type.String({ description: 'The message in ASN.1 value notation, without secrets.' }),
    response: nullable(Type.String({ description: 'The answer in ASN.1 value notation.' })),
    date_created: date(),
  },
  { $id: 'RspLogEntry', title: 'ES9+ call about an eSIM Profile' },
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

export const Meta = Type.Object(
  {
    first_page_url: url(),
    key: Type.String({ description: 'Name of the member that holds the records.' }),
    next_page_url: nullable(url()),
    page: Type.Integer({ minimum: 0 }),
    page_size: Type.Integer({ minimum: 1, maximum: 1000 }),
    previous_page_url: nullable(url()),
    url: url(),
  },
  { $id: 'Meta', title: 'Where a page lies' },
);

export const ErrorBody = Type.Object(
  {
    code: Type.Integer({ description: 'Code of the error dictionary.' }),
    detail: Type.Optional(Type.String()),
    message: Type.String(),
    more_info: url(),
    status: Type.Integer({ description: 'The HTTP status.' }),
  },
  { $id: 'Error', title: 'Error' },
);

export const COMPONENTS = [
  EsimProfile,
  EsimProfileEvent,
  StreamedEvent,
  RspLogEntry,
  Sim,
  Meta,
  ErrorBody,
];

type Component =
  'EsimProfile' | 'EsimProfileEvent' | 'StreamedEvent' | 'RspLogEntry' | 'Sim' | 'Meta' | 'Error';

/** A shape of `COMPONENTS`, by its name. */
export const ref = (name: Component) => Type.Ref(`${name}#`);

export const listOf = (key: string, record: Component) =>
  Type.Object({ [key]: Type.Array(ref(record)), meta: ref('Meta') });

export const SidParams = Type.Object({
  Sid: Type.String({ description: 'SID of the resource.' }),
});

/** The parameters of every list, after its filters. */
export const paging = {
  PageSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      default: 50,
      description: 'Records a page. More than 1000 count as 1000.',
    }),
  ),
  Page: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_PAGE,
      description: 'For client state; where a page lies is told by its token alone.',
    }),
  ),
  PageToken: Type.Optional(Type.String({ description: 'Provided by the API.' })),
};

export const Eid = Type.String({
  pattern: EID_PATTERN,
  title: '32 hexadecimal digits',
  examples: ['89049032005008882600033489aaaaaa'],
});

/** A parameter that may be repeated, or hold several values with commas between. */
export const anyOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Array(Type.Enum([...values], { type: 'string' }), { description });

/** Formats of our own, for the validator. */
export const FORMATS = {
  'date-or-date-time': (text: string) => parseDate(text) !== undefined,
  'http-url': isCallbackUrl,
  'http-url-or-empty': (text: string) => text === '' || isCallbackUrl(text),
};

export const CallbackUrl = Type.String({
  maxLength: CALLBACK_URL_LIMIT,
  format: 'http-url',
  title: 'an http or https URL',
  description: 'Called when the status changes.',
});

export const CallbackMethod = Type.Enum(['GET', 'POST'], {
  type: 'string',
  default: 'POST',
  description: 'How CallbackUrl is called.',
});

/** A description as the original words its fields, for schemas that are used in several places. */
export const describe = <T extends TSchema>(schema: T, description: string): T => ({
  ...schema,
  description,
});
