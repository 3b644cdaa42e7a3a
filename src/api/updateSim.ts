import { auditSim } from '../operator/audited.ts';
import type { Static } from 'typebox';
import { Type } from 'typebox';
import { CALLBACK_URL_LIMIT } from '../operator/callback-url.ts';
import { renderSim } from '../operator/resource.ts';
import type { SimChange } from '../operator/sim.ts';
import { changeSim, SimChangeRefused } from '../operator/sim.ts';
import { AlreadyExists } from '../store/errors.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ApiError, notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { CallbackMethod, SidParams } from './parameter-schemas.ts';

const Body = Type.Object({
  UniqueName: Type.Optional(
    Type.String({ maxLength: 64, description: 'A name for the Sim; empty removes it.' }),
  ),
  Status: Type.Optional(
    Type.Enum(['ready', 'active', 'inactive'], {
      type: 'string',
      description: 'The new status of the Sim.',
    }),
  ),
  Fleet: Type.Optional(
    Type.String({
      pattern: '^HF[0-9a-fA-F]{32}$',
      title: 'the SID of a Fleet: HF and 32 hexadecimal digits',
      description: 'SID of the Fleet that the Sim belongs to.',
    }),
  ),
  CallbackUrl: Type.Optional(
    Type.String({
      maxLength: CALLBACK_URL_LIMIT,
      format: 'http-url-or-none-or-empty',
      title: 'an http or https URL, none or empty',
      description:
        'Called when the status has changed; empty: that of the account, if it has one; ours: `none` for no callbacks.',
    }),
  ),
  CallbackMethod: Type.Optional(CallbackMethod),
  AccountSid: Type.Optional(Type.String({ description: 'Must be the account of the Sim.' })),
});

/**
 * `POST /v1/Sims/{Sid}`: 200, or 202 with the status `scheduled` if the status is to change, which happens soon
 * after.
 */
export const updateSim = operation({
  operationId: 'UpdateSim',
  method: 'POST',
  path: '/v1/Sims/:Sid',
  tag: 'Sims',
  need: 'orders',
  summary: 'Update a Sim',
  description:
    'Sets the name, status, Fleet or callback of a Sim. A change of status is answered with 202 and `scheduled`, and ' +
    'takes effect soon after.',
  params: SidParams,
  body: Body,
  mayBeEmpty: ['UniqueName', 'CallbackUrl'],
  responses: {
    200: { description: 'The updated Sim.', schema: ref('Sim') },
    202: {
      description: 'The change of status is scheduled.',
      schema: ref('Sim'),
      example: { ...EXAMPLES.Sim, status: 'scheduled' },
    },
  },
  async handle({ caller, params, body }, { transact, masterKey, publicUrl }) {
    if (body.AccountSid !== undefined && body.AccountSid !== caller.accountSid) {
      throw new ApiError('invalidParameter', 'AccountSid must be the account of the Sim');
    }
    const change = changeOf(body);
    const updated = await transact(async (unit) => {
      const { tables, now, wake } = unit;
      const sim = await tables.sims.lock(caller.accountSid, params.Sid);
      if (sim === undefined) throw notFound(`/v1/Sims/${params.Sid}`);
      const changed = changeSim(sim, change, masterKey, now);
      await tables.sims.update(changed);
      await auditSim(sim, changed, unit);
      if (changed.status === 'scheduled') wake('sims');
      return changed;
    }).catch((error: unknown) => {
      throw toApiError(error, body);
    });
    const scheduled = updated.status === 'scheduled' && body.Status !== undefined;
    return { status: scheduled ? 202 : 200, body: renderSim(updated, publicUrl) };
  },
});

/** Converts the parameters; an empty text removes a value. */
function changeOf(body: Static<typeof Body>): SimChange {
  const { UniqueName, Status, Fleet, CallbackUrl, CallbackMethod: method } = body;
  return {
    ...(UniqueName === undefined ? {} : { uniqueName: UniqueName || null }),
    ...(Status === undefined ? {} : { status: Status }),
    ...(Fleet === undefined ? {} : { fleetSid: Fleet }),
    ...(CallbackUrl === undefined ? {} : { callbackUrl: CallbackUrl || null }),
    ...(method === undefined ? {} : { callbackMethod: method }),
  };
}

function toApiError(error: unknown, { UniqueName }: Static<typeof Body>): unknown {
  if (error instanceof SimChangeRefused) {
    const kind = error.what === 'status' ? 'simStatusRefused' : 'invalidParameter';
    return new ApiError(kind, error.message);
  }
  if (error instanceof AlreadyExists) {
    return new ApiError('simUniqueNameTaken', `UniqueName '${UniqueName}' is taken by another Sim`);
  }
  return error;
}
