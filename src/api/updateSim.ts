import type { Static } from 'typebox';
import { Type } from 'typebox';
import { apiDate } from '../profile/date.ts';
import { renderSim } from '../profile/resource.ts';
import { isSid } from '../profile/sid.ts';
import { mayBecome } from '../profile/sim.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { SimRow } from '../store/schema.ts';
import { ApiError, notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { CallbackMethod, ref, SidParams } from './schemas.ts';

const Body = Type.Object({
  UniqueName: Type.Optional(
    Type.String({ maxLength: 64, description: 'A name for the Sim; empty takes it away.' }),
  ),
  Status: Type.Optional(
    Type.Enum(['ready', 'active', 'inactive'], {
      type: 'string',
      description: 'The status that the Sim shall turn into.',
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
      maxLength: 2048,
      format: 'http-url-or-empty',
      title: 'an http or https URL, or empty',
      description: 'Called when the status has changed; empty takes it away.',
    }),
  ),
  CallbackMethod: Type.Optional(CallbackMethod),
  AccountSid: Type.Optional(
    Type.String({ description: 'The account that the Sim shall belong to: its own.' }),
  ),
});

/**
 * `POST /v1/Sims/{Sid}`: 200, or 202 with the status `scheduled` when the status is to change, which
 * it does by itself soon after.
 */
export const updateSim = operation({
  operationId: 'UpdateSim',
  method: 'POST',
  path: '/v1/Sims/:Sid',
  tag: 'Sims',
  summary: 'Update a Sim',
  params: SidParams,
  body: Body,
  mayBeEmpty: ['UniqueName', 'CallbackUrl'],
  responses: {
    200: { description: 'The Sim as it is now.', schema: ref('Sim') },
    202: { description: 'The status is on its way.', schema: ref('Sim') },
  },
  async handle({ caller, params, body }, { store, publicUrl, now, wake }) {
    if (body.AccountSid !== undefined && body.AccountSid !== caller.accountSid) {
      throw new ApiError('invalidParameter', 'AccountSid must be the account of the Sim');
    }
    const updated = await store
      .transaction(async (tables) => {
        const sim = await tables.sims.lock(caller.accountSid, params.Sid);
        if (sim === undefined) throw notFound(`/v1/Sims/${params.Sid}`);
        const changed = applyUpdate(sim, body, now());
        await tables.sims.update(changed);
        return changed;
      })
      .catch((error: unknown) => {
        if (!(error instanceof AlreadyExists)) throw error;
        throw new ApiError(
          'simUniqueNameTaken',
          `UniqueName '${body.UniqueName}' is taken by another Sim`,
        );
      });
    const scheduled = updated.status === 'scheduled' && body.Status !== undefined;
    if (scheduled) wake('sims');
    return { status: scheduled ? 202 : 200, body: renderSim(updated, publicUrl) };
  },
});

function applyUpdate(sim: SimRow, body: Static<typeof Body>, now: Date): SimRow {
  const { UniqueName, Status, Fleet, CallbackUrl, CallbackMethod: method } = body;
  const changed: SimRow = { ...sim, date_updated: apiDate(now) };
  if (UniqueName !== undefined) changed.unique_name = parseUniqueName(UniqueName);
  if (Fleet !== undefined) changed.fleet_sid = Fleet;
  if (CallbackUrl !== undefined) changed.callback_url = CallbackUrl || null;
  if (method !== undefined) changed.callback_method = method === 'GET' ? 'GET' : 'POST';
  if (Status !== undefined && Status !== sim.status) {
    const to = Status as SimRow['status'];
    if (!mayBecome(sim.status, to)) {
      throw new ApiError('simStatusRefused', `A Sim that is ${sim.status} cannot become ${Status}`);
    }
    changed.status = 'scheduled';
    changed.scheduled_status = to;
  }
  return changed;
}

/** A name that looks like a SID would hide another Sim. */
function parseUniqueName(name: string): string | null {
  if (isSid('sim', name)) {
    throw new ApiError('invalidParameter', 'UniqueName must not look like a SID');
  }
  return name || null;
}
