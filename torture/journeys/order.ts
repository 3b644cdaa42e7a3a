// A profile is ordered, and what the client was told of it stays true.
import assert from 'node:assert/strict';
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';

export const order: Journey = {
  name: 'order',
  async run(world) {
    const placed = await placeOrder(world, { GenerateMatchingId: 'true' });
    const available = await whenStatus(world, placed.sid, 'available');
    const again = await whenStatus(world, placed.sid, 'available');
    assert.deepEqual(again, available);
  },
};
