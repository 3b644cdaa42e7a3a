// §5.3: an operator repeats a function whose response it did not get, under the same identifier of the call or another.
// The same request gets the same response; another one is judged by the state of the profile.
import type { Es2PlusRequest, SmdpFunctions } from '../../es2plus/functions.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { OrderContext } from './order-context.ts';

type Name = keyof SmdpFunctions;

/** In `subscriptions.requests`: by function, what an operator has asked for. */
type Requests = { by: string } & Partial<Record<Name, Input>>;
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

/** The columns by which a later repetition is known. */
export function remembering<Called extends Name>(
  profile: SubscriptionRow,
  name: Called,
  request: Es2PlusRequest<Called>,
  context: OrderContext,
): Pick<SubscriptionRow, 'requests'> {
  if (context.operatorSid === undefined) return { requests: null };
  const isOther = name === 'downloadOrder' || name === 'cancelOrder';
  const requests: Requests = {
    ...(isOther ? {} : requestsOf(profile, context)),
    by: context.operatorSid,
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
