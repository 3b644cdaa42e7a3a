// §5.3.2: an SM-DS that an operator names is looked at before its order is confirmed. The event itself is registered later,
// and again and again until that has succeeded.
import type { Context } from '../../context.ts';
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
import { CLOSED, OWN_REFUSED } from '../../outgoing/failure.ts';
import type { Lookups } from '../../outgoing/lookups.ts';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ProfileState } from '../../store/schema.ts';
import { parseSmdsAddress } from './smds-address.ts';
import { smdsClient } from './smds-client.ts';
import type { SmdsContext } from './smds-client.ts';

const TIMEOUTS = { connectMs: 3_000, answerMs: 3_000 };
const UNCONFIRMED: readonly ProfileState[] = ['Allocated', 'Linked'];

/**
 * Before ConfirmOrder, and outside its unit, because it takes up to some seconds. Nobody is asked for a request that is
 * refused anyway. Throws 8.9/5.1 if the SM-DS cannot be reached, 8.9/4.2 if it does not admit us.
 */
export async function lookAtSmds(
  {
    smdsAddress,
    iccid,
    eid,
  }: Pick<Es2PlusRequest<'confirmOrder'>, 'smdsAddress' | 'iccid' | 'eid'>,
  { accountSid, operatorSid }: { accountSid: string; operatorSid: string },
  lookups: Lookups,
  context: SmdsContext & Pick<Context, 'store' | 'log'>,
): Promise<void> {
  if (smdsAddress === undefined) return;
  const profile = await context.store.subscriptions.find(accountSid, iccid);
  if (profile?.operator_sid !== operatorSid || !UNCONFIRMED.includes(profile.state)) return;
  if (eid === undefined && profile.eid === null) return;
  const parsed = parseSmdsAddress(smdsAddress);
  if (parsed === undefined) throw inaccessible();
  const resolving = { lookups, owner: operatorSid };
  using client = smdsClient(parsed.address, TIMEOUTS, undefined, resolving, context);
  try {
    await client.look();
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    const { message, detail, arrival } = error;
    context.log.info({ smds: parsed.address, reason: message, detail }, 'an SM-DS was not reached');
    // Some servers verify a certificate only after the handshake, and then say nothing.
    const isTurnedAway = message === CLOSED && arrival === 'sent';
    if (message === OWN_REFUSED || isTurnedAway) throw notAdmitted();
    throw inaccessible();
  }
}

/** One text for all cases: an operator learns nothing about the network that this server is in. */
const inaccessible = () =>
  new FunctionExecutionError('8.9', '5.1', 'The SM-DS cannot be reached, or is none');
const notAdmitted = () =>
  new FunctionExecutionError('8.9', '4.2', 'The SM-DS does not admit this SM-DP+');
