import { Type } from 'typebox';
import { createGroup, GROUP_NAME_LIMIT, renderGroup } from '../eim/fleet/groups.ts';
import { AlreadyExists } from '../store/errors.ts';
import { ApiError } from './api-error.ts';
import { ref } from './answer-schemas.ts';
import { GROUPS_PATH, toApiError } from './euicc-paths.ts';
import { operation } from './operation.ts';

export const GroupName = Type.String({
  minLength: 1,
  maxLength: 4 * GROUP_NAME_LIMIT,
  description: `1 to ${GROUP_NAME_LIMIT} characters, unique in the account.`,
  examples: ['Berlin'],
});

/** `POST /v1/Euiccs/Groups`: ours. */
export const createEuiccGroup = operation({
  operationId: 'CreateEuiccGroup',
  method: 'POST',
  path: GROUPS_PATH,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Make a group of eUICCs',
  description:
    'Ours: a group without eUICCs. Putting an eUICC into a group that does not exist makes it, too.',
  body: Type.Object({ Name: GroupName }),
  responses: { 201: { description: 'The group.', schema: ref('EuiccGroup') } },
  errors: { 409: 'There is a group of this name.' },
  async handle({ caller, body }, { transact, publicUrl }) {
    const row = await transact((unit) => createGroup(caller.accountSid, body.Name, unit)).catch(
      (error: unknown) => {
        if (!(error instanceof AlreadyExists)) throw toApiError(error);
        throw new ApiError('conflict', `There is a group named '${body.Name}' already`);
      },
    );
    return { status: 201, body: renderGroup(row, publicUrl) };
  },
});
