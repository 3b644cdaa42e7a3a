// Common to the operations on ranges of EIDs.
import { Type } from 'typebox';
import { MOST_OF_RANGE } from '../eim/ranges.ts';
import type { EuiccRangeRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import { notFound } from './api-error.ts';

export const EUICC_RANGES_PATH = '/v1/EuiccRanges';
export const EUICC_RANGE_PATH = `${EUICC_RANGES_PATH}/:Sid`;

export const EuiccRangeParams = Type.Object({
  Sid: Type.String({ description: 'SID of the range.' }),
});

export const Limit = Type.Integer({
  minimum: 0,
  maximum: MOST_OF_RANGE,
  description: 'How many eUICCs it registers at most, counted from the beginning; 0: none for now.',
});

/** Throws `ApiError` 404. */
export async function rangeAt(
  accountSid: string,
  sid: string,
  path: string,
  { euiccRanges }: Pick<Transaction, 'euiccRanges'>,
): Promise<EuiccRangeRow> {
  const found = await euiccRanges.find(accountSid, sid);
  if (found === undefined) throw notFound(path);
  return found;
}
