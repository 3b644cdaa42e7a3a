// Common to the operations on eUICCs of the eIM.
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { EuiccRefused } from '../eim/euicc-refused.ts';
import { findEuicc } from '../eim/euiccs.ts';
import { findGroup, GROUP_NAME_LIMIT } from '../eim/fleet/groups.ts';
import type { EuiccGroupRow, EuiccRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import { ApiError, notFound } from './api-error.ts';

export const EUICCS_PATH = '/v1/Euiccs';
export const EUICC_PATH = `${EUICCS_PATH}/:Sid`;
export const OPERATIONS_PATH = `${EUICC_PATH}/Operations`;
export const OPERATION_PATH = `${OPERATIONS_PATH}/:OperationSid`;

export const GROUPS_PATH = `${EUICCS_PATH}/Groups`;
export const IMPORTS_PATH = `${EUICCS_PATH}/Imports`;

export const Group = Type.String({
  minLength: 1,
  maxLength: 4 * GROUP_NAME_LIMIT,
  description:
    'The group that it is put into: its name, or its SID. One that does not exist is made. An eUICC is in one group at most.',
  examples: ['Berlin'],
});

export const EuiccParams = Type.Object({
  Sid: Type.String({ description: 'SID of the eUICC, or its EID.' }),
});

export const OperationParams = Type.Object({
  Sid: Type.String({ description: 'SID of the eUICC, or its EID.' }),
  OperationSid: Type.String({ description: 'SID of the operation.' }),
});

export const NO_EIM = 'There is no eIM: `SIMWRIGHT_ESIPA_PORT` is off.';

/** Throws `ApiError` 409. */
export function eimOf({ eim }: Pick<Context, 'eim'>): NonNullable<Context['eim']> {
  if (eim !== undefined) return eim;
  throw new ApiError('conflict', 'There is no eIM: SIMWRIGHT_ESIPA_PORT is off');
}

/** Throws `ApiError` 404. */
export async function euiccAt(
  accountSid: string,
  name: string,
  path: string,
  tables: Pick<Transaction, 'euiccs'>,
): Promise<EuiccRow> {
  const found = await findEuicc(accountSid, name, tables);
  if (found === undefined) throw notFound(path);
  return found;
}

/** By its SID or its name. Throws `ApiError` 404. */
export async function groupAt(
  accountSid: string,
  name: string,
  tables: Pick<Transaction, 'euiccGroups'>,
): Promise<EuiccGroupRow> {
  const found = await findGroup(accountSid, name, tables);
  if (found === undefined) throw notFound(`${GROUPS_PATH}/${name}`);
  return found;
}

export function toApiError(error: unknown): unknown {
  if (!(error instanceof EuiccRefused)) return error;
  return new ApiError(error.what === 'conflict' ? 'conflict' : 'invalidParameter', error.message);
}
