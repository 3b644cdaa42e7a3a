import { Type } from 'typebox';
import { BULK_LIMIT, checkBulk, createBulk } from '../eim/fleet/bulk.ts';
import type { BulkItem } from '../eim/fleet/bulk.ts';
import { prepareBulk } from '../eim/fleet/prepare-bulk.ts';
import type { Preparing } from '../eim/fleet/prepare-bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import type { Asked } from '../eim/ask-operation.ts';
import { sealCallbackUrl, shownCallbackUrl } from '../operator/callback-url.ts';
import { orderRules } from '../operator/placeOrder.ts';
import type { HttpMethod } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { apiDate } from '../values/date.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import {
  askedIn,
  Eids,
  form,
  givenItemOf,
  ItemParameters,
  Kind,
  optionalKind,
  orderIn,
} from './bulk-parameters.ts';
import type { Given } from './bulk-parameters.ts';
import { BULKS_PATH } from './bulk-paths.ts';
import { euiccFilter, parseEuiccFilter } from './euicc-filter.ts';
import { eimOf, NO_EIM, toApiError } from './euicc-paths.ts';
import { onceByIdempotencyKey, firstAnswer } from './idempotency.ts';
import { parseMany, refusal, shownProblems } from './many-items.ts';
import { operation } from './operation.ts';
import { parseExpiresAt } from './parameter-schemas.ts';

const MIB = 1024 * 1024;
const BODY_LIMIT = 8 * MIB;

/** `POST /v1/Euiccs/BulkOperations`: ours. Stores which eUICCs are to do what; the job then gives them their operations. */
export const createBulkOperation = operation({
  operationId: 'CreateBulkOperation',
  method: 'POST',
  path: BULKS_PATH,
  begins: true,
  tag: 'IoT fleets',
  need: 'orders',
  idempotent: true,
  counted: 'batches',
  bodyLimit: BODY_LIMIT,
  summary: 'Have many eUICCs do something',
  description:
    `Ours: one operation on each of up to ${BULK_LIMIT} eUICCs: those of a \`Group\`, all that match the filters, or those of a list: ` +
    '`Eids`, `Items`, or lines of CSV, which may have their own `Iccid` or `ActivationCode`. Which eUICCs these are is decided now, ' +
    'and not again. What is wrong with one is recorded with it, and the others are given their operation; if none is right, ' +
    'nothing is kept.',
  query: Type.Object({ Kind: optionalKind, ...form }),
  body: Type.Object({
    Kind: optionalKind,
    Eids,
    // Each is validated by itself.
    Items: Type.Optional(Type.Array(Type.Unknown())),
    ...form,
  }),
  shownBody: Type.Object({
    Kind: Kind!,
    Eids,
    Items: Type.Optional(
      Type.Array(ItemParameters, {
        minItems: 1,
        maxItems: BULK_LIMIT,
        description: 'Instead of Eids: the eUICCs, with what is their own.',
      }),
    ),
    ...form,
  }),
  mayBeEmpty: ['Address'],
  csv: {
    description: 'A line of names, which are those of an item, and a line for each eUICC.',
    example: 'Eid,Iccid\r\n89049032000000000000000000000163,89882110000000000014\r\n',
  },
  responses: {
    200: { description: 'With `DryRun`: what it would be about.', schema: ref('BulkSurvey') },
    202: {
      description: 'It is stored, and will be carried out.',
      schema: ref('BulkOperation'),
    },
    400: {
      description: 'What is wrong with the request, or its items.',
      schema: ref('BatchError'),
    },
  },
  errors: { 409: `Too many bulk operations have not ended. ${NO_EIM}` },
  async handle(request, { eim, config, store, masterKey, transact, publicUrl, now }) {
    const { caller, query, body, csv, requestId } = request;
    const { accountSid } = caller;
    const given = { ...query, ...body } as Given;
    const once = { ...request, body: { ...given, csv } };
    const what = `POST ${BULKS_PATH} `;
    const { DryRun: dryRun = false } = given;
    const first = dryRun ? undefined : await firstAnswer(once, { store, masterKey }, what);
    if (first !== undefined) return first;
    const { preparing, target } = await preparingOf(accountSid, given, csv, store);
    const orderOf = orderIn(given, accountSid, orderRules(config, now()));
    const rules = { eim: eimOf({ eim }), store };
    const limits = {
      canary: given.Canary,
      canaryApproval: given.CanaryApproval ?? false,
      expiresAt: given.ExpiresAt === undefined ? undefined : parseExpiresAt(given.ExpiresAt)!,
    };
    const prepared = async () => {
      checkBulk(limits, now());
      return prepareBulk(preparing, rules);
    };
    const { parameters, items } = await prepared().catch((error: unknown) => {
      throw toApiError(error);
    });
    const problems = items.flatMap(problemAt);
    if (dryRun) {
      const counts = { count: items.length, valid: items.length - problems.length };
      const answer = { dry_run: true, ...counts, ...shownProblems(problems) };
      return { status: 200, body: JSON.stringify(answer) };
    }
    if (items.length === 0) throw new ApiError('invalidParameter', 'No eUICC matches');
    if (problems.length === items.length) throw refusal(problems, 'nothing is done');
    const { BulkCallbackUrl: url, BulkCallbackMethod: method = 'POST' } = given;
    const bulk = {
      accountSid,
      kind: preparing.asked.kind,
      parameters,
      items,
      orderOf,
      target,
      rate: given.Rate,
      maximumFailures: given.MaximumFailures,
      ...limits,
      callback:
        url === undefined
          ? undefined
          : storedCallback(sealCallbackUrl(url, accountSid, masterKey), method),
      placedBy: `through the API, request ${requestId}`,
    };
    return onceByIdempotencyKey(
      once,
      { store, masterKey, transact, append: transact },
      async (unit) => {
        const row = await createBulk(bulk, unit);
        return { status: 202, body: renderBulk(row, publicUrl) };
      },
      what,
    ).catch((error: unknown) => {
      throw toApiError(error);
    });
  },
});

const storedCallback = (url: string, method: HttpMethod) => ({
  url,
  method,
  shown: shownCallbackUrl(url),
});

function problemAt(item: BulkItem, index: number): { item: number; message: string }[] {
  return 'problem' in item ? [{ item: index + 1, message: item.problem }] : [];
}

/** Throws `ApiError`. */
async function preparingOf(
  accountSid: string,
  given: Given,
  csv: string | undefined,
  store: Pick<Store, 'euiccGroups'>,
): Promise<{ preparing: Preparing; target: Readonly<Record<string, unknown>> }> {
  const { Kind: kind, Group, AllEuiccs: all = false, Eids: eids, Items: items } = given;
  if (kind === undefined) {
    throw new ApiError('invalidParameter', 'Missing required parameter Kind');
  }
  const lists = [eids, items, csv].filter((list) => list !== undefined).length;
  const isFilter = Group !== undefined || all;
  if (lists + (isFilter ? 1 : 0) !== 1) {
    throw new ApiError(
      'invalidParameter',
      'Expected one of: Group, AllEuiccs, Eids, Items, or CSV with a line for each eUICC',
    );
  }
  const common = {
    accountSid,
    asked: { ...askedIn(given), kind } as Asked,
    profile: given.Profile,
    batchSid: given.BatchSid,
    hasOrder: given.Order ?? false,
    hasCanaries: given.Canary !== undefined,
  };
  const chosen = {
    ...(given.Profile === undefined ? {} : { profile: given.Profile }),
    ...(given.BatchSid === undefined ? {} : { batch_sid: given.BatchSid }),
  };
  if (isFilter) {
    const { filter } = await parseEuiccFilter(accountSid, given, store);
    const { groupSid, states, metadata, seenAfter, seenBefore } = filter;
    const target = {
      ...(groupSid === undefined ? { all_euiccs: true } : { group_sid: groupSid }),
      ...(states === undefined ? {} : { status: states }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(seenAfter === undefined ? {} : { seen_after: apiDate(seenAfter) }),
      ...(seenBefore === undefined ? {} : { seen_before: apiDate(seenBefore) }),
      ...chosen,
    };
    return { preparing: { ...common, of: { filter } }, target };
  }
  const { Group: _group, ...filters } = euiccFilter;
  const filter = Object.keys(filters).find((name) => given[name as keyof Given] !== undefined);
  if (filter !== undefined) {
    const message = `Invalid parameter ${filter}: expected it with Group or AllEuiccs, not with a list`;
    throw new ApiError('invalidParameter', message);
  }
  const list = eids === undefined ? items : eids.map((eid) => ({ Eid: eid }));
  const parsed = await parseMany({ items: list, csv, common: {} }, ItemParameters, givenItemOf);
  return { preparing: { ...common, of: { items: parsed } }, target: { list: true, ...chosen } };
}
