// §5.3: an operator repeats a function whose response it did not get, under the same identifier of the call or another.
// The same request gets the same response; another one is judged by the state of the profile.
import { createHash } from 'node:crypto';
import type { Es2PlusRequest, SmdpFunctions } from '../../es2plus/functions.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import { callIdentifier } from './order-context.ts';
import type { OrderContext } from './order-context.ts';

type Name = keyof SmdpFunctions;

/** In `subscriptions.requests`: by function, what an operator has asked for; and digests of the calls of orders that are over. */
type Requests = { by: string | null; over?: string[] } & Partial<Record<Name, Input>>;
type Input = Record<string, unknown>;

/** Whether the operator has asked this function for the same before, and got it. */
export function isRepeated<Called extends Name>(
  profile: SubscriptionRow,
  name: Called,
  request: Es2PlusRequest<Called>,
  context: OrderContext,
): boolean {
  const before = requestsOf(profile, context)?.[name];
  if (before === undefined) return false;
  return textOf(before) === textOf(inputOf(request, profile, context, before));
}

/** Of a profile. */
const MOST_OVER = 8;
const DIGEST_CHARACTERS = 16;

/** Whether the call has begun or ended an order of the profile before the one that it has now. */
export function isOfOrderBefore(
  profile: SubscriptionRow,
  request: Es2PlusRequest<Name>,
  context: OrderContext,
): boolean {
  return callsBefore(profile).includes(digestOf(callIdentifier(request, context)));
}

const callsBefore = ({ requests }: SubscriptionRow): string[] =>
  requests === null ? [] : ((JSON.parse(requests) as Requests).over ?? []);

const digestOf = (identifier: string) =>
  createHash('sha256').update(identifier).digest('base64url').slice(0, DIGEST_CHARACTERS);

/** With the calls that have begun and ended the order that is over now. */
function callsOver(
  profile: SubscriptionRow,
  name: Name,
  request: Es2PlusRequest<Name>,
  context: OrderContext,
): Pick<Requests, 'over'> {
  const before = callsBefore(profile);
  const call = digestOf(callIdentifier(request, context));
  const over =
    name === 'cancelOrder' && context.operatorSid !== undefined
      ? [...before, ...(profile.ordered_by === null ? [] : [digestOf(profile.ordered_by)]), call]
      : before;
  // By a caller whose identifiers do not tell its calls apart.
  const isUsedAgain = name === 'downloadOrder' && before.includes(call);
  return over.length === 0 || isUsedAgain ? {} : { over: [...new Set(over)].slice(-MOST_OVER) };
}

/** The columns by which a later repetition is known. */
export function remembering<Called extends Name>(
  profile: SubscriptionRow,
  name: Called,
  request: Es2PlusRequest<Called>,
  context: OrderContext,
): Pick<SubscriptionRow, 'requests'> {
  const over = callsOver(profile, name, request, context);
  if (context.operatorSid === undefined) {
    return { requests: over.over === undefined ? null : JSON.stringify({ by: null, ...over }) };
  }
  const isOther = name === 'downloadOrder' || name === 'cancelOrder';
  const requests: Requests = {
    ...(isOther ? {} : requestsOf(profile, context)),
    by: context.operatorSid,
    ...over,
    [name]: inputOf(request, profile, context),
  };
  return { requests: JSON.stringify(requests) };
}

/** Whether the operator itself has linked the order to an EID, rather than the eUICC that came for it. */
export function isLinked(profile: SubscriptionRow, context: OrderContext): boolean {
  const { downloadOrder, confirmOrder } = requestsOf(profile, context) ?? {};
  return downloadOrder?.eid !== undefined || confirmOrder?.eid !== undefined;
}

function requestsOf(
  { requests }: SubscriptionRow,
  { operatorSid }: OrderContext,
): Requests | undefined {
  if (requests === null || operatorSid === undefined) return undefined;
  const read = JSON.parse(requests) as Requests;
  return read.by === operatorSid ? read : undefined;
}

/** What a request asks for: not who asks, nor the confirmation code itself. @param like with what it is to be compared */
function inputOf(
  { header: _header, ...asked }: Es2PlusRequest<Name>,
  { iccid }: SubscriptionRow,
  { masterKey }: OrderContext,
  like: Input = {},
): Input {
  const { confirmationCode, ...input } = asked as Input;
  if (typeof confirmationCode !== 'string') return input;
  const code = masterKey.fingerprint(
    `confirmation code ${iccid} ${confirmationCode}`,
    like['confirmationCode'] as string | undefined,
  );
  return { ...input, confirmationCode: code };
}

/** The same for the same members in any order. */
const textOf = (input: Input) => JSON.stringify(input, Object.keys(input).toSorted());
