import { Type } from 'typebox';
import { resultSignatures } from '../eim/association.ts';
import { createRange, EID_PREFIX, MOST_RANGES, renderRange } from '../eim/ranges.ts';
import { ref } from './answer-schemas.ts';
import { eimOf, NO_EIM, toApiError } from './euicc-paths.ts';
import { EUICC_RANGES_PATH, Limit } from './euicc-range-paths.ts';
import { operation } from './operation.ts';

/** `POST /v1/EuiccRanges`: ours. */
export const createEuiccRange = operation({
  operationId: 'CreateEuiccRange',
  method: 'POST',
  path: EUICC_RANGES_PATH,
  tag: 'IoT devices',
  summary: 'Have unknown eUICCs registered on first contact',
  description:
    'Ours: an eUICC whose EID begins with these digits, and that nobody has registered, is registered in this account when ' +
    'its device polls the eIM, its certificates lead up to a CI that the server trusts, and it has signed a result for the ' +
    'eIM. Of several ranges that an EID is in, the longest counts, of whichever account.',
  body: Type.Object({
    EidPrefix: Type.String({
      pattern: EID_PREFIX,
      title: '8 to 32 digits',
      description: 'The first digits of the EIDs: the issuer, and perhaps more.',
    }),
    Limit,
    ResultSignature: Type.Optional(
      Type.Enum([...resultSignatures], {
        type: 'string',
        default: 'associationToken',
        description: 'As of `CreateEuicc`, for all of the range.',
      }),
    ),
  }),
  responses: { 201: { description: 'The range.', schema: ref('EuiccRange') } },
  errors: {
    409: `There is a range with this prefix, or the account has ${MOST_RANGES}. ${NO_EIM}`,
  },
  async handle({ caller, body }, { eim, transact, publicUrl }) {
    eimOf({ eim });
    const { EidPrefix: eidPrefix, Limit: limit, ResultSignature } = body;
    const given = { eidPrefix, limit, resultSignature: ResultSignature ?? 'associationToken' };
    const row = await transact((unit) => createRange(caller.accountSid, given, unit)).catch(
      (error: unknown) => {
        throw toApiError(error);
      },
    );
    return { status: 201, body: JSON.stringify(renderRange(row, publicUrl)) };
  },
});
