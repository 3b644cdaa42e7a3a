// ES11 from the LPA's side (§5.8, JSON binding of §6.5): its functions are those of ES9+ with the same names, but an SM-DS
// answers AuthenticateClient with the events that wait for the eUICC.
import { isServerAddress } from '../rsp/activation-code.ts';
import { isMatchingId } from '../rsp/identifiers.ts';
import { call, Es9PlusError } from './es9plus.ts';
import type { Es9PlusTransport } from './es9plus-transport.ts';
import { toBase64 } from './euicc-state.ts';

/** §5.8.2: something waits for the eUICC at an SM-DP+, or at another SM-DS that knows more. */
export interface EventEntry {
  /** The MatchingID to present there. */
  readonly eventId: string;
  readonly rspServerAddress: string;
}

/** §5.8.2 ES11.AuthenticateClient. Throws `Es9PlusError`. */
export async function authenticateClientAtSmds(
  transport: Es9PlusTransport,
  smdsAddress: string,
  transactionId: string,
  authenticateServerResponse: Uint8Array,
): Promise<{ transactionId: string; eventEntries: EventEntry[] }> {
  const answer = await call(transport, 'authenticateClient', smdsAddress, {
    transactionId,
    authenticateServerResponse: toBase64(authenticateServerResponse),
  });
  return {
    transactionId: answer.text('transactionId'),
    eventEntries: answer.list('eventEntries').map(eventEntryOf),
  };
}

function eventEntryOf(value: unknown): EventEntry {
  const { eventId, rspServerAddress } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof eventId !== 'string' || eventId === '' || !isMatchingId(eventId)) {
    throw new Es9PlusError('authenticateClient', 'an event without a valid eventId');
  }
  if (typeof rspServerAddress !== 'string' || !isServerAddress(rspServerAddress)) {
    throw new Es9PlusError('authenticateClient', 'an event without a valid rspServerAddress');
  }
  return { eventId, rspServerAddress };
}
