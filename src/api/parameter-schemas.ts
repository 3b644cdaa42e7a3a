// Schemas of request parameters: they validate requests, and the OpenAPI document shows them.
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { CALLBACK_URL_LIMIT, isCallbackChoice, isCallbackUrl } from '../operator/callback-url.ts';
import { MATCHING_ID_FORM, MATCHING_ID_LIMIT } from '../operator/matching-id.ts';
import {
  CONFIRMATION_CODE_MAX,
  CONFIRMATION_CODE_MIN,
  CONFIRMATION_CODE_PATTERN,
} from '../operator/confirmation-code.ts';
import {
  FRIENDLY_NAME_LIMIT,
  FRIENDLY_NAME_PATTERN,
  METADATA_BYTES_LIMIT,
  METADATA_KEY_FORM,
  METADATA_KEY_PATTERN,
  METADATA_KEYS_LIMIT,
  METADATA_VALUE_LIMIT,
} from '../operator/owner-fields.ts';
import type { MetadataChange } from '../operator/owner-fields.ts';
import { parseDate } from '../values/date.ts';
import { EID_PATTERN } from '../values/eid.ts';
import { MAX_PAGE } from './page.ts';

export const SidParams = Type.Object({
  Sid: Type.String({ description: 'SID of the resource.' }),
});

/** The parameters of every list, after its filters. */
export const paging = {
  PageSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      default: 50,
      description: 'Records per page. Values above 1000 count as 1000.',
    }),
  ),
  Page: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_PAGE,
      description: 'For client state; only the token determines the page.',
    }),
  ),
  PageToken: Type.Optional(Type.String({ description: 'Provided by the API.' })),
};

export const Eid = Type.String({
  pattern: EID_PATTERN,
  title: '32 hexadecimal digits',
  examples: ['89049032005008882600033489aaaaaa'],
});

export const EidOrEmpty = Type.String({
  pattern: `${EID_PATTERN}|^$`,
  title: '32 hexadecimal digits, or empty',
  examples: ['89049032005008882600033489aaaaaa'],
});

export const ConfirmationCode = Type.String({
  minLength: CONFIRMATION_CODE_MIN,
  maxLength: CONFIRMATION_CODE_MAX,
  pattern: CONFIRMATION_CODE_PATTERN,
  title: 'ASCII letters, digits and punctuation',
});

/** Its form depends on a setting: the rules check it. */
export const MatchingId = Type.String({
  minLength: 1,
  maxLength: MATCHING_ID_LIMIT,
  description: `${MATCHING_ID_FORM}, which no other order may have or have had, and nobody be able to guess.`,
  examples: ['SHOP-4711-QX7K'],
});

export const ExpiresAt = Type.String({
  format: 'date-or-date-time',
  title: 'a date, or a date-time with its offset',
  description:
    'Ours: when the order ends, with `error_code` 83591, if nobody has downloaded the profile by then.',
  examples: ['2026-12-31T00:00:00Z'],
});

export const ExpiresAtOrEmpty = Type.String({
  format: 'date-or-date-time-or-empty',
  title: 'a date, or a date-time with its offset, or empty',
  description:
    'When the order ends, with `error_code` 83591, if nobody has downloaded the profile by then; empty: never.',
  examples: ['2026-12-31T00:00:00Z'],
});

export const FriendlyName = Type.String({
  maxLength: FRIENDLY_NAME_LIMIT,
  pattern: FRIENDLY_NAME_PATTERN,
  title: 'text without control characters',
  description: 'Ours: a name for people. Names need not differ.',
  examples: ['Truck 17'],
});

const metadataKeys = {
  propertyNames: {
    type: 'string',
    pattern: METADATA_KEY_PATTERN,
    title: `keys of ${METADATA_KEY_FORM}`,
  },
  maxProperties: METADATA_KEYS_LIMIT,
};
const metadataValue = { maxLength: METADATA_VALUE_LIMIT };

/** A key without a value is removed; all are, if the whole is empty. */
export const Metadata = Type.Unsafe<MetadataChange>({
  type: ['object', 'null'],
  ...metadataKeys,
  additionalProperties: { type: ['string', 'null'], ...metadataValue },
  description:
    'Ours: values by keys of your own, in a form as JSON, or as one parameter for each key: `Metadata.KEY=VALUE`. ' +
    `At most ${METADATA_BYTES_LIMIT} bytes as JSON.`,
  examples: [{ order: '4711', site: 'Berlin' }],
});

/** To filter by; all pairs must match. */
export const MetadataPairs = Type.Unsafe<Record<string, string>>({
  type: 'object',
  ...metadataKeys,
  maxProperties: 10,
  additionalProperties: { type: 'string' },
  description:
    'Ours: only profiles whose metadata has this value: `Metadata.KEY=VALUE`, or `Metadata[KEY]=VALUE`. Of several, all ' +
    'must match.',
});

/** A validated time; null for an empty one. */
export const parseExpiresAt = (text: string): Date | null => parseDate(text) ?? null;

/** A parameter that may be repeated, or hold several values separated by commas. */
export const anyOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Array(Type.Enum([...values], { type: 'string' }), { description });

/** Custom formats for the validator. */
export const FORMATS = {
  'date-or-date-time': (text: string) => parseDate(text) !== undefined,
  'date-or-date-time-or-empty': (text: string) => text === '' || parseDate(text) !== undefined,
  'http-url': isCallbackUrl,
  'http-url-or-empty': (text: string) => text === '' || isCallbackUrl(text),
  'http-url-or-none': isCallbackChoice,
  'http-url-or-none-or-empty': (text: string) => text === '' || isCallbackChoice(text),
};

/** Where callbacks go that are not those of an order or a Sim. */
export const ReceiverUrl = Type.String({
  maxLength: CALLBACK_URL_LIMIT,
  format: 'http-url',
  title: 'an http or https URL',
});

export const CallbackUrl = Type.String({
  maxLength: CALLBACK_URL_LIMIT,
  format: 'http-url-or-none',
  title: 'an http or https URL, or none',
  description:
    'Called when the status changes; by default, that of the account. Ours: `none` for no callbacks, even if the account has a ' +
    'URL. A user name and password in it are sent as `Authorization: Basic`.',
});

export const EuiccCallbackUrl = Type.String({
  maxLength: CALLBACK_URL_LIMIT,
  format: 'http-url-or-none',
  title: 'an http or https URL, or none',
  description:
    'Called when the status of the eUICC changes, or that of an operation on it; by default, that of the account, if it has ' +
    '`EuiccCallbacks`. `none` for no callbacks.',
});

export const OperationCallbackUrl = Type.String({
  maxLength: CALLBACK_URL_LIMIT,
  format: 'http-url-or-none',
  title: 'an http or https URL, or none',
  description:
    'Called when the status of the operation changes; by default, that of its eUICC. `none` for no callbacks.',
});

export const CallbackMethod = Type.Enum(['GET', 'POST'], {
  type: 'string',
  default: 'POST',
  description: 'How CallbackUrl is called.',
});

/** Adds a description to a schema that is used in several places. */
export const describe = <T extends TSchema>(schema: T, description: string): T => ({
  ...schema,
  description,
});
