// A device downloads by an activation code, however often it is interrupted; the API says so, and the RSP log has every
// call that was answered.
import { AnsweredCalls } from '../answered-calls.ts';
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { install, newPhone } from '../phone.ts';

export const download: Journey = {
  name: 'download',
  async run(world) {
    const placed = await placeOrder(world, { GenerateMatchingId: 'true' });
    const { activation_code, iccid } = await whenStatus(world, placed.sid, 'available');
    const calls = new AnsweredCalls();
    const phone = newPhone({ ...world, es9: calls.through(world.es9) });
    await install(world, phone, activation_code, iccid);
    await whenStatus(world, placed.sid, 'installed');
    await calls.assertLogged(world, placed.sid);
  },
};
