// Parses the parameters of an order that are not a request of their own: an item of a batch.
import type { CheckedOrder, OrderRules } from '../operator/placeOrder.ts';
import { ApiError } from './api-error.ts';
import { checkedOrder, OrderParameters, orderOf } from './createEsimProfile.ts';
import { normalise, validationError } from './parameters.ts';
import { validatorOf } from './validators.ts';

export type Parameters = Record<string, unknown>;

/** The names of the parameters. */
export const ORDER_PARAMETERS = Object.keys(OrderParameters.properties);

/** What an item has, and what all have that it does not; of maps, by key. */
export function withCommon(own: Parameters, common: Parameters): Parameters {
  const { Metadata: ownMap } = own;
  const { Metadata: commonMap } = common;
  const both = isObject(ownMap) && isObject(commonMap);
  return { ...common, ...own, ...(both ? { Metadata: { ...commonMap, ...ownMap } } : {}) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** As a request that orders one would be answered, but without repeating a code, since this is kept. */
const CODE = /^Invalid parameter ConfirmationCode: [^;]*/;

/**
 * @param placing who orders, by which rules
 * @returns parses the parameters of an order, as JSON or text, after those that are the same for all; what is wrong with them
 *   is the text of the API's error
 */
export function orderParser(placing: {
  accountSid: string;
  rules: OrderRules;
}): (parameters: unknown, common?: Parameters) => CheckedOrder | string {
  const validate = validatorOf(OrderParameters);
  const tidy = normalise(OrderParameters);
  const { accountSid, rules } = placing;

  function parse(parameters: unknown, common: Parameters): CheckedOrder {
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
      const got = JSON.stringify(parameters) ?? 'nothing';
      throw new ApiError(
        'invalidParameter',
        `expected an object with the parameters of an order; got ${got.slice(0, 100)}`,
      );
    }
    const own = { ...parameters };
    tidy(own);
    const body = withCommon(own, common);
    if (!validate(body)) throw validationError(validate.errors!, 'item');
    return checkedOrder(orderOf(body, accountSid, { cause: '' }), rules);
  }

  return (parameters, common = {}) => {
    try {
      return parse(parameters, common);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return CODE.exec(error.message)?.[0] ?? error.message;
    }
  };
}
