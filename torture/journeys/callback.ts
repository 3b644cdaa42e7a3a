// Every change of a status is told to a receiver.
import { checkCallbacks, newCallbackUrl } from '../callbacks.ts';
import { placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { install, newPhone } from '../phone.ts';

export const callback: Journey = {
  name: 'callback',
  async run(world) {
    const url = newCallbackUrl(world);
    const placed = await placeOrder(world, { GenerateMatchingId: 'true', CallbackUrl: url });
    const { activation_code, iccid } = await whenStatus(world, placed.sid, 'available');
    await install(world, newPhone(world), activation_code, iccid);
    const told = ['reserving', 'available', 'downloaded', 'installed'];
    await checkCallbacks(world, url, placed.sid, told);
  },
};
