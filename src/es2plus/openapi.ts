// The OpenAPI document of ES2+ in the JSON binding (§6.5), made from the contract.
import type { TSchema } from 'typebox';
import { formatStatusCode, reasons, subjects } from '../rsp/status-codes.ts';
import type { StatusCode } from '../rsp/status-codes.ts';
import type { FunctionName } from './functions.ts';
import { functions } from './functions.ts';
import { examples } from './openapi-examples.ts';
import { REFUSALS } from './openapi-refusals.ts';
import type { Refusal } from './openapi-refusals.ts';

const SUMMARIES: Record<FunctionName, string> = {
  downloadOrder: 'Take a profile out of stock, for an EID or for any eUICC',
  confirmOrder: 'Set how an ordered profile is found, and release it',
  cancelOrder: 'End an order',
  releaseProfile: 'Make a confirmed profile available for download',
  handleDownloadProgressInfo: 'Progress of a profile that the operator has ordered',
};

const CALLED = 'SM-DP+';
const TOLD = 'Operator';

/** OpenAPI 3.1. What operators call are its paths; what they are called with, its webhooks. */
export function es2plusDocument(): object {
  const named = Object.keys(functions) as FunctionName[];
  const ofDirection = (direction: string) =>
    named.filter((name) => functions[name].direction === direction);
  return {
    openapi: '3.1.0',
    info: {
      title: 'ES2+ of Simwright',
      version: '2',
      description:
        'The functions of SGP.22 §5.3 in the JSON binding of §6.5, by which operators order profiles: over HTTPS, with ' +
        'TLS 1.2 or newer and a client certificate that is registered for the operator (`simwright operator create`). ' +
        'A refusal has status 200, and its codes in `functionExecutionStatus`; only a caller whose certificate is not ' +
        'accepted gets 403. A call may be repeated with the same input, under the same or another ' +
        '`functionCallIdentifier`, and succeeds again.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: CALLED, description: 'What operators call.' },
      { name: TOLD, description: 'What this SM-DP+ calls at the server of an operator.' },
    ],
    servers: [
      {
        url: 'https://{address}',
        description: 'Set by `SIMWRIGHT_ES2_HOST` and `SIMWRIGHT_ES2_PORT`.',
        variables: { address: { default: 'localhost:8444' } },
      },
    ],
    security: [{ clientCertificate: [] }],
    paths: Object.fromEntries(
      ofDirection('operator to SM-DP+').map((name) => [
        functions[name].path,
        { post: operationOf(name) },
      ]),
    ),
    webhooks: Object.fromEntries(
      ofDirection('SM-DP+ to operator').map((name) => [name, { post: operationOf(name) }]),
    ),
    components: {
      securitySchemes: { clientCertificate: { type: 'mutualTLS' } },
      schemas: { Header: HEADER, Refused: REFUSED },
    },
  };
}

const STATUS_CODE_DATA = {
  type: 'object',
  required: ['subjectCode', 'reasonCode'],
  properties: {
    subjectCode: { type: 'string', description: 'What the refusal is about (§5.2.6.1).' },
    reasonCode: { type: 'string', description: 'Why (§5.2.6.2). Text: 3.1 and 3.10 differ.' },
    subjectIdentifier: { type: 'string', description: 'The member that it is about.' },
    message: { type: 'string', description: 'For people.' },
  },
};

const headerWith = (status: object) => ({
  type: 'object',
  required: ['functionExecutionStatus'],
  properties: { functionExecutionStatus: status },
});

const HEADER = headerWith({
  type: 'object',
  required: ['status'],
  properties: { status: { const: 'Executed-Success' } },
});

const REFUSED = {
  type: 'object',
  required: ['header'],
  properties: {
    header: headerWith({
      type: 'object',
      required: ['status', 'statusCodeData'],
      properties: { status: { const: 'Failed' }, statusCodeData: STATUS_CODE_DATA },
    }),
  },
};

function operationOf(name: FunctionName): object {
  const { section, path, request } = functions[name];
  const { request: asked, response: answered } = examples[name];
  const isWebhook = functions[name].direction === 'SM-DP+ to operator';
  return {
    operationId: name,
    tags: [isWebhook ? TOLD : CALLED],
    summary: SUMMARIES[name],
    description: [`SGP.22 §${section}.`, ...(isWebhook ? told(path) : refusals(name))].join('\n'),
    parameters: [
      {
        name: 'X-Admin-Protocol',
        in: 'header',
        required: true,
        schema: { type: 'string', examples: ['gsma/rsp/v2.5.0'] },
        description: 'The version of SGP.22 (§6.5.1).',
      },
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: request, example: asked } },
    },
    responses: isWebhook
      ? {
          204: { description: 'Taken.' },
          400: {
            description:
              'Refused. As invalid (reason 2.…), it is not sent again; anything else is retried.',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Refused' },
                example: refusalExample(
                  REFUSALS.any.find(({ code }) => code.reasonCode === '2.2')!,
                )[1].value,
              },
            },
          },
        }
      : {
          200: {
            description: 'Success, or a refusal with its codes.',
            content: {
              'application/json': {
                schema: {
                  anyOf: [answerOf(name), { $ref: '#/components/schemas/Refused' }],
                },
                examples: {
                  success: { value: answered },
                  ...Object.fromEntries(REFUSALS[name].map(refusalExample)),
                },
              },
            },
          },
          403: {
            description: 'The client certificate is not accepted.',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Refused' },
                examples: Object.fromEntries(REFUSALS.caller.map(refusalExample)),
              },
            },
          },
        },
  };
}

const told = (path: string) => [
  `Called by this SM-DP+ at the address that is registered for the operator, with \`${path}\` added, and with its own ` +
    'certificate. What happens to one profile is told in order, at least once: a report is repeated with the same ' +
    '`functionCallIdentifier` until it is taken.',
];

function refusals(name: FunctionName): string[] {
  return [
    '',
    '| refusal | when |',
    '| --- | --- |',
    ...REFUSALS[name].map(({ code, when }) => `| ${textOf(code)} | ${when} |`),
    ...REFUSALS.any.map(({ code, when }) => `| ${textOf(code)} | ${when} |`),
  ];
}

const textOf = (code: StatusCode) =>
  `${formatStatusCode(code)} ${subjects[code.subjectCode]}: ${reasons[code.reasonCode].toLowerCase()}`;

function refusalExample({
  code,
  when,
}: Refusal): [name: string, example: { summary: string; value: object }] {
  const { subjectCode, reasonCode } = code;
  const statusCodeData = { subjectCode, reasonCode, message: when };
  return [
    `${subjectCode}_${reasonCode}`,
    {
      summary: when,
      value: { header: { functionExecutionStatus: { status: 'Failed', statusCodeData } } },
    },
  ];
}

/** Members that are only for callers in this process are not part of it. */
const HERE_ONLY: Partial<Record<FunctionName, string>> = { downloadOrder: 'profileType' };

function answerOf(name: FunctionName): object {
  const { properties = {}, required = [] } = functions[name].response as TSchema & {
    properties?: Record<string, TSchema>;
    required?: string[];
  };
  const sent = Object.entries(properties).filter(([member]) => member !== HERE_ONLY[name]);
  return {
    type: 'object',
    required: ['header', ...required],
    properties: { header: { $ref: '#/components/schemas/Header' }, ...Object.fromEntries(sent) },
  };
}
