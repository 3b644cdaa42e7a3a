// Schemas of accounts, API keys and the audit log.
import { SCOPE_TEXTS, SCOPES } from '../../operator/account/scope.ts';
import { RELEASE_AGAIN } from '../../operator/release-policy.ts';
import { Type } from 'typebox';
import { date, fields, nullable, oneOf, sid, url } from './values.ts';

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
