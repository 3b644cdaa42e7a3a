// Two devices have one activation code: one of them gets the profile, the other is refused.
import assert from 'node:assert/strict';
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { installUnlessRefused, newPhone } from '../phone.ts';

/** §5.6.3: it is for another EID; the order has ended; or it has been attempted too often. */
const REFUSALS = ['8.1.1/3.8', '8.2.6/3.8', '8.8.5/6.4'];

export const rivals: Journey = {
  name: 'rivals',
  async run(world) {
    const placed = await placeOrder(world, { GenerateMatchingId: 'true' });
    const { activation_code, iccid } = await whenStatus(world, placed.sid, 'available');
    const phones = [newPhone(world), newPhone(world)];
    const have = await Promise.all(
      phones.map((phone) =>
        installUnlessRefused(world, phone, { code: activation_code, iccid, refusals: REFUSALS }),
      ),
    );
    const winners = phones.filter((_phone, index) => have[index]);
    const ended = await whenStatus(world, placed.sid, 'installed', 'failed');
    // Interrupted too often, neither has it.
    const expected = ended.status === 'installed' ? [ended.eid] : [];
    assert.deepEqual(
      winners.map(({ euicc }) => euicc.state.eid),
      expected,
      'one device has the profile',
    );
  },
};
