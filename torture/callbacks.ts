// What a receiver must have been told of an order: every change of its status, signed, at least once, and never with
// another story the second time.
import assert from 'node:assert/strict';
import twilio from 'twilio';
import { persist } from './client.ts';
import type { AcceptedCall, World } from './world.ts';

/** @returns a URL of the receiver that nobody else has */
export function newCallbackUrl({ receiver, random }: Pick<World, 'receiver' | 'random'>): string {
  return `${receiver.url}/status/${random.digits(20)}`;
}

/** Waits until the receiver at `url` has been told each of the statuses, which are all that the order has had but new. */
export async function checkCallbacks(
  world: World,
  url: string,
  sid: string,
  statuses: readonly string[],
): Promise<void> {
  const calls = await persist(world, `callbacks about ${sid}`, async () => {
    const received = world.receiver.accepted.filter((call) => call.url === url);
    const told = new Set(received.map(({ parameters }) => parameters['Status']));
    return statuses.every((status) => told.has(status)) ? received : undefined;
  });
  const told = toldBy(calls, sid, world);
  assert.equal(told.length, statuses.length, 'each change has one callback');
  assert.deepEqual(new Set(told), new Set(statuses));
}

/** @returns the status that each callback told */
function toldBy(calls: readonly AcceptedCall[], sid: string, { authToken }: World) {
  const told = new Map<string, Record<string, string>>();
  for (const { url, signature, idempotencyToken, parameters } of calls) {
    assert.ok(twilio.validateRequest(authToken, signature, url, parameters), 'a valid signature');
    assert.equal(parameters['ESimProfileSid'], sid);
    assert.deepEqual(parameters, told.get(idempotencyToken) ?? parameters, 'the same each time');
    told.set(idempotencyToken, parameters);
  }
  return Array.from(told.values(), (parameters) => parameters['Status']);
}
