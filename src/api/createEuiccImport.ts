import { Type } from 'typebox';
import type { Static } from 'typebox';
import { resultSignatures } from '../eim/association.ts';
import { importEuiccs } from '../eim/fleet/register-many.ts';
import type { EuiccImport, ImportedEuicc } from '../eim/fleet/register-many.ts';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import { cleanFriendlyName } from '../operator/owner-fields.ts';
import { checkEid } from '../values/eid.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { metadataAfter } from './euicc-metadata.ts';
import { eimOf, Group, IMPORTS_PATH, NO_EIM } from './euicc-paths.ts';
import { parseMany, refusal, shownProblems } from './many-items.ts';
import { operation } from './operation.ts';
import { Eid, FriendlyName, Metadata } from './parameter-schemas.ts';

const MIB = 1024 * 1024;
const BODY_LIMIT = 8 * MIB;

const common = {
  FriendlyName: Type.Optional(FriendlyName),
  Group: Type.Optional(Group),
  Metadata: Type.Optional(Metadata),
  ResultSignature: Type.Optional(
    Type.Enum([...resultSignatures], {
      type: 'string',
      description:
        'What the eUICC signs besides its result: `eimSignature` for eUICCs of SGP.32 v1.0.1.',
    }),
  ),
  UnsignedResults: Type.Optional(
    Type.Boolean({ description: 'Whether results are taken that the eUICC has not signed.' }),
  ),
};

/** Of one eUICC. */
export const ImportedParameters = Type.Object({ Eid, ...common });

const form = {
  AllOrNothing: Type.Optional(
    Type.Boolean({ default: false, description: 'Do nothing if an item is wrong.' }),
  ),
  Update: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Of eUICCs that the account has already: change name, group and metadata to what is given. By default, they stay as ' +
        'they are.',
    }),
  ),
  DryRun: Type.Optional(
    Type.Boolean({ default: false, description: 'Say what would be done, and do nothing.' }),
  ),
};

const Query = Type.Object({ ...form, ...common });
const Items = { minItems: 1, maxItems: ITEM_LIMIT };

/** `POST /v1/Euiccs/Imports`: ours. */
export const createEuiccImport = operation({
  operationId: 'CreateEuiccImport',
  method: 'POST',
  path: IMPORTS_PATH,
  begins: true,
  tag: 'IoT fleets',
  need: 'orders',
  counted: 'batches',
  bodyLimit: BODY_LIMIT,
  summary: 'Register many eUICCs, or put them into groups',
  description:
    `Ours: up to ${ITEM_LIMIT}: \`Items\`, or lines of CSV. What stands beside \`Items\`, or in the query, is for all that do not have ` +
    'their own. What is wrong with an item is answered with its number and its line, and the others are registered; with ' +
    '`AllOrNothing=true`, or if no item is right, nothing is done. Sending the same again does no harm: those that are there ' +
    `stay as they are. At most ${BODY_LIMIT / MIB} MiB.`,
  query: Query,
  body: Type.Object({
    // Each is validated by itself.
    Items: Type.Optional(Type.Array(Type.Unknown())),
    ...form,
    ...common,
  }),
  shownBody: Type.Object({
    Items: Type.Array(ImportedParameters, {
      ...Items,
      description: 'The parameters of each eUICC.',
    }),
    ...form,
    ...common,
  }),
  csv: {
    description: 'A line of names, which are those of the parameters, and a line for each eUICC.',
    example:
      'Eid,FriendlyName,Group,Metadata.site\r\n89049032000000000000000000000163,Pump 7,Berlin,north\r\n',
  },
  responses: {
    200: { description: 'What was done, or would be.', schema: ref('EuiccImport') },
    400: {
      description: 'What is wrong with the request, or its items.',
      schema: ref('BatchError'),
    },
  },
  errors: { 409: NO_EIM },
  async handle(
    { caller: { accountSid }, query, body, csv },
    { eim, config, log, now, store, transact },
  ) {
    const context = { eim: eimOf({ eim }), log, now, store, transact };
    const given: typeof query & Partial<typeof body> = { ...query, ...body };
    const { Items: items, AllOrNothing, Update, DryRun, ...all } = given;
    const parsed = await parseMany({ items, csv, common: all }, ImportedParameters, (one) =>
      importedOf(one, config.eidCheckDigits),
    );
    const allOrNothing = AllOrNothing ?? false;
    const dryRun = DryRun ?? false;
    const problems = parsed.flatMap((item, index) =>
      'problem' in item ? [{ item: index + 1, message: item.problem }] : [],
    );
    if (problems.length === parsed.length && !dryRun) {
      throw refusal(problems, 'nothing is registered');
    }
    const wanted = { items: parsed, allOrNothing, update: Update ?? false, dryRun };
    const report = await importEuiccs(accountSid, wanted, context);
    const isRefused = report.refused === report.count || (allOrNothing && report.refused > 0);
    if (isRefused && !dryRun) {
      throw refusal(report.problems, 'nothing is registered');
    }
    return { status: 200, body: renderImport(report, dryRun) };
  },
});

/** Throws `ApiError`. */
export function importedOf(
  one: Static<typeof ImportedParameters>,
  hasCheckDigits: boolean,
): ImportedEuicc {
  const problem = hasCheckDigits ? checkEid(one.Eid) : undefined;
  if (problem !== undefined) {
    throw new ApiError('invalidParameter', `Invalid parameter Eid: ${problem}`);
  }
  return {
    eid: one.Eid,
    friendlyName: one.FriendlyName === undefined ? undefined : cleanFriendlyName(one.FriendlyName),
    group: one.Group,
    metadata: one.Metadata === undefined ? undefined : metadataAfter(null, one.Metadata),
    resultSignature: one.ResultSignature ?? 'associationToken',
    unsignedResults: one.UnsignedResults ?? false,
  };
}

/** As the API writes it. */
export function renderImport({ problems, ...report }: EuiccImport, dryRun: boolean): string {
  return JSON.stringify({ dry_run: dryRun, ...report, ...shownProblems(problems) });
}
