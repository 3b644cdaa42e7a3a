// A device downloads by an activation code, however often it is interrupted, and the API says so.
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { install, newPhone } from '../phone.ts';

export const download: Journey = {
  name: 'download',
  async run(world) {
    const placed = await placeOrder(world, { GenerateMatchingId: 'true' });
    const { activation_code, iccid } = await whenStatus(world, placed.sid, 'available');
    await install(world, newPhone(world), activation_code, iccid);
    await whenStatus(world, placed.sid, 'installed');
  },
};
