// A profile is ordered, once however often the order is sent, and what the client was told of it stays true.
import assert from 'node:assert/strict';
import { ask, placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { newEid } from '../phone.ts';

export const order: Journey = {
  name: 'order',
  async run(world) {
    // Nobody else's, so the list has what became of all that was sent.
    const eid = newEid(world);
    const placed = await placeOrder(world, { Eid: eid, GenerateMatchingId: 'true' });
    const available = await whenStatus(world, placed.sid, 'available');
    const { json } = await ask(world, { method: 'GET', path: `/v1/ESimProfiles?Eid=${eid}` });
    assert.equal(json.esim_profiles.length, 1, 'one Idempotency-Key is one order');
    assert.deepEqual(json.esim_profiles, [available]);
  },
};
